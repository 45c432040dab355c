using HomeAssistant;
using PruneBuild.Runtime;

try
{
    var options = AppOptions.Parse(args);
    using var assistant = new Assistant();
    return options.Demonstrate ? await DemonstrateAsync(assistant, options.Json) : await TalkAsync(assistant);
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

static async Task<int> TalkAsync(Assistant assistant)
{
    while (Ask() is { } sentence)
    {
        if (string.IsNullOrWhiteSpace(sentence))
            continue;
        var answer = await assistant.AnswerAsync(sentence, Console.Write);
        Console.WriteLine();
        foreach (var line in Report.Consequences(answer))
            Console.WriteLine($"  {line}");
    }
    return 0;
}

static async Task<int> DemonstrateAsync(Assistant assistant, bool json)
{
    var answers = new List<(Sentence Sentence, string Answer)>();
    foreach (var sentence in Sentence.Demonstration)
    {
        if (!json)
            Console.WriteLine($"> {sentence.Text}");
        var answer = await assistant.AnswerAsync(sentence.Text);
        answers.Add((sentence, answer));
        if (json)
            continue;
        Console.WriteLine(answer);
        foreach (var line in Report.Consequences(answer))
            Console.WriteLine($"  {line}");
        if (answer != sentence.Expected.ToJson())
            Console.WriteLine($"  expected {sentence.Expected.ToJson()}{(sentence.MustMatch ? "" : " (hard, may fail)")}");
    }
    if (json)
    {
        using var output = Console.OpenStandardOutput();
        Report.WriteJson(output, answers);
        output.WriteByte((byte)'\n');
    }
    return answers.Exists(answer => answer.Sentence.MustMatch && answer.Answer != answer.Sentence.Expected.ToJson()) ? 1 : 0;
}

static string? Ask()
{
    if (!Console.IsInputRedirected)
        Console.Write("> ");
    return Console.ReadLine();
}
