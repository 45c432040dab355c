// Prints what the model of a folder answers: PruneBuild.Runtime.Text.AotCheck FOLDER QUESTION [tools]
using PruneBuild.Tests;

foreach (var line in await TextCheck.RunAsync(args[0], args[1], args is [_, _, "tools"]))
    Console.WriteLine(line);
return 0;
