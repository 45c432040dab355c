using MeterReader;
using MeterReader.Rendering;
using PruneBuild.Runtime;

try
{
    var options = AppOptions.Parse(args);
    if (options.Replay.Length > 0)
    {
        using var recorded = EdgeModel.Load("meter-digits");
        recorded.Replay(CaseRecording.Load(options.Replay)).Save(options.Answers);
        return 0;
    }
    var meters = options.Image.Length > 0 ? [Meter.FromFile(options.Image)] : Meter.Demonstration();
    if (options.SaveFolder.Length > 0)
        Save(meters, options.SaveFolder);

    using var model = EdgeModel.Load("meter-digits");
    var classifier = new DigitClassifier(model);
    var results = meters.Select(meter => (Meter: meter, Reading: classifier.Read(meter.Strip))).ToList();
    if (options.Json)
    {
        using var output = Console.OpenStandardOutput();
        Report.WriteJson(output, results);
        output.WriteByte((byte)'\n');
    }
    else
    {
        Report.WriteText(Console.Out, model, results);
    }
    return results.Exists(result => result.Meter.MustMatch && result.Meter.Expected != result.Reading.Digits) ? 1 : 0;
}
catch (FormatException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    Console.Error.WriteLine(AppOptions.Usage);
    return 2;
}
catch (EdgeModelException failure)
{
    Console.Error.WriteLine($"{failure.Code}: {failure.Message}");
    return 3;
}
catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 3;
}

static void Save(IReadOnlyList<Meter> meters, string folder)
{
    Directory.CreateDirectory(folder);
    foreach (var meter in meters)
        File.WriteAllBytes(Path.Combine(folder, meter.Name.Replace(", ", "-").Replace(' ', '-') + ".pgm"), GrayMap.Write(meter.Strip.Pixels, meter.Strip.Width));
}
