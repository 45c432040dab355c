using PruneBuild.FakeWorker;

// prunebuild stage NAME --request FILE --natives FILE
var request = FakeRequest.Load(args[3]);
var script = ModelScript.Load(request.Model);
return FakeStage.Run(args[1], request, script);
