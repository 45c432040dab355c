using System.Text.RegularExpressions;
using PruneBuild.Diagnostics;

namespace PruneBuild.Diagnostics.Tests;

public sealed partial class CodeSentences
{
    public static TheoryData<string> All => [.. Codes.All];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_argument_lands_in_the_sentence(string code)
    {
        var template = Codes.Format(code);
        var numbers = Placeholder().Matches(template).Select(match => int.Parse(match.Groups[1].Value)).ToHashSet();
        var arguments = Enumerable.Range(0, numbers.Count).Select(number => (object?)$"argument{number}").ToArray();

        var sentence = arguments.Length == 0 ? template : Codes.Format(code, arguments);

        // Numbered without a gap, so that a caller can count.
        Assert.Equal(Enumerable.Range(0, numbers.Count), numbers.Order());
        Assert.All(arguments, argument => Assert.Contains((string)argument!, sentence, StringComparison.Ordinal));
        Assert.DoesNotContain('{', sentence);
        Assert.DoesNotContain('\n', sentence);
    }

    [Fact]
    public void Codes_are_sorted_and_belong_to_a_known_range()
    {
        Assert.Equal(Codes.All.Order(StringComparer.Ordinal).Distinct(), Codes.All);
        Assert.All(Codes.All, code => Assert.Matches("^PB[0-79][0-9]{3}$", code));
    }

    [Fact]
    public void An_unknown_code_is_a_programming_error()
    {
        Assert.Throws<ArgumentException>(() => Codes.Format("PB0000"));
        Assert.Throws<ArgumentException>(() => new PruneBuildException("PB0000"));
    }

    [GeneratedRegex(@"\{([0-9]+)\}")]
    private static partial Regex Placeholder();
}
