using System.Text;
using System.Text.Json;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Constraints;

/// <summary>Writes texts under a constraint with tokens that chance chooses of those that may come next.</summary>
internal sealed class ConstrainedWriter : IDisposable
{
    private const int Patience = 120;

    private readonly TemporaryFolder folder = new();
    private readonly ConstrainedVocabulary vocabulary;
    private readonly float[] logits = new float[ByteVocabulary.Count];

    public ConstrainedWriter(TextConstraint constraint, bool ofCharacters = false)
    {
        ByteVocabulary.Write(folder.Path, ofCharacters);
        Tokenizer = TextTokenizer.Load(folder.Path);
        vocabulary = new(constraint.Grammar, new TokenTrie(Tokenizer, ByteVocabulary.Count, [], [ByteVocabulary.End]), [ByteVocabulary.End], ByteVocabulary.Count);
    }

    public TextTokenizer Tokenizer { get; }

    /// <summary>A whole text: chance, and after a while what closes values wherever it may.</summary>
    public string Write(Random random)
    {
        vocabulary.Restart();
        var tokens = new List<int>();
        while (!vocabulary.IsComplete)
        {
            var allowed = Allowed();
            var closing = allowed.Where(token => token == ByteVocabulary.End || "\"}]".Any(character => token == ByteVocabulary.Of((byte)character))).ToList();
            var token = tokens.Count > Patience && closing.Count > 0 ? closing[random.Next(closing.Count)] : allowed[random.Next(allowed.Count)];
            vocabulary.Take(token);
            if (token == ByteVocabulary.End)
                break;
            tokens.Add(token);
        }
        var decoder = Tokenizer.CreateDecoder(startsText: true);
        return string.Concat(tokens.Select(decoder.Push)) + decoder.Flush();
    }

    /// <summary>Whether a text, byte by byte, is whole by the constraint.</summary>
    public bool Accepts(string text)
    {
        vocabulary.Restart();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (!vocabulary.Allows(ByteVocabulary.Of(value)))
                return false;
            vocabulary.Take(ByteVocabulary.Of(value));
        }
        return vocabulary.Allows(ByteVocabulary.End);
    }

    public static TextConstraint Schema(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return TextConstraint.ForJsonSchema(document.RootElement);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>By the mask, which must say of each token what a look at it alone says.</summary>
    private List<int> Allowed()
    {
        logits.AsSpan().Clear();
        var mask = vocabulary.Allowed();
        mask.Apply(logits);
        var allowed = Enumerable.Range(0, logits.Length).Where(token => logits[token] == 0).ToList();
        Assert.Equal(mask.Count, allowed.Count);
        Assert.Equal(Enumerable.Range(0, logits.Length).Where(vocabulary.Allows), allowed);
        return allowed;
    }
}
