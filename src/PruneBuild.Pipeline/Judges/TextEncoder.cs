using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Pipeline;

/// <summary>
/// Makes the inputs of a classifier of a question: <c>input_ids</c> of input and output one after the other, and where the classifier has
/// them, <c>attention_mask</c> (ones) and <c>token_type_ids</c> (0 for the input, 1 for the output). Without a tokenizer, ids are bytes.
/// </summary>
internal sealed class TextEncoder
{
    private const string Ids = "input_ids";
    private const string Mask = "attention_mask";
    private const string Types = "token_type_ids";

    private readonly Func<string, IReadOnlyList<int>> encode;

    private TextEncoder(string name, Func<string, IReadOnlyList<int>> encode) => (Name, this.encode) = (name, encode);

    /// <summary>What it is, for the judge's key.</summary>
    public string Name { get; }

    /// <summary>By a tokenizer's file, or of bytes without one.</summary>
    public static TextEncoder Of(NamedFile? tokenizer) => tokenizer is null
        ? new TextEncoder("bytes-1", text => [.. Encoding.UTF8.GetBytes(text).Select(one => (int)one)])
        : new TextEncoder("tokens-1", Tokens(tokenizer));

    // Each of the two with what the tokenizer puts around a text.
    private static Func<string, IReadOnlyList<int>> Tokens(NamedFile file)
    {
        try
        {
            var tokenizer = TextTokenizer.Load(Path.GetDirectoryName(file.Path)!);
            return text => tokenizer.Encode(text);
        }
        catch (EdgeModelException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5044", Severity.Error, "*", exception.Message).At(file.NamedAt.File, file.NamedAt.Line, file.NamedAt.Column), exception);
        }
    }

    /// <summary>The inputs of a classifier.</summary>
    /// <exception cref="PruneBuildException">PB5044: it has others.</exception>
    public IReadOnlyCollection<NamedOnnxValue> Encode(JudgeQuestion question, IReadOnlyCollection<string> inputs)
    {
        var (first, second) = (encode(question.Input), encode(question.Output));
        var count = first.Count + second.Count;
        DenseTensor<long> Tensor(IEnumerable<long> values) => new(values.ToArray(), [1, count]);
        NamedOnnxValue Input(string name) => NamedOnnxValue.CreateFromTensor(name, name switch
        {
            Ids => Tensor(first.Concat(second).Select(id => (long)id)),
            Mask => Tensor(Enumerable.Repeat(1L, count)),
            Types => Tensor(Enumerable.Repeat(0L, first.Count).Concat(Enumerable.Repeat(1L, second.Count))),
            _ => throw new PruneBuildException("PB5044", question.CaseId, $"the classifier has the input '{name}'; known are {Ids}, {Mask} and {Types}"),
        });
        return [.. inputs.Select(Input)];
    }
}
