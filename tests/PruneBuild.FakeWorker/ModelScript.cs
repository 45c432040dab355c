using System.Globalization;

namespace PruneBuild.FakeWorker;

/// <summary>
/// The fake's model is a text: <c>STAGE BEHAVIOUR</c> lines say how a stage behaves, <c>data FILE</c> names a file the result depends
/// on, <c>score NUMBER</c> is what evaluation measures. The fake's harness is one line, <c>floor NUMBER</c>.
/// </summary>
internal sealed record ModelScript(string Folder, IReadOnlyList<string[]> Lines)
{
    public static ModelScript Load(string model) => new(
        Path.GetDirectoryName(model)!,
        [.. File.ReadAllLines(model).Select(line => line.Split(' ', 2)).Where(words => words.Length == 2)]);

    public string Behaviour(string stage) => Values(stage).FirstOrDefault() ?? "";

    public double Score => Values("score").Select(text => double.Parse(text, CultureInfo.InvariantCulture)).FirstOrDefault(1);

    public IEnumerable<string> DataFiles => Values("data").Select(name => Path.Combine(Folder, name));

    private IEnumerable<string> Values(string key) => Lines.Where(words => words[0] == key).Select(words => words[1]);
}
