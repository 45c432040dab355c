using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Language;

public class LanguageScorerTests
{
    private static readonly LanguageModelProtocol Protocol = new("wikitext-2-raw", "gpt2", 1024, 512, false);

    // A model that finds eight tokens equally likely has perplexity 8, and pays 3 bits a token.
    private static readonly LanguageModelCase[] Uniform =
        [new(4 * Math.Log(8), 4, 6, Protocol), new(2 * Math.Log(8), 2, 3, Protocol)];

    [Fact]
    public void The_perplexity_of_a_uniform_model_is_its_vocabulary() => Measured.Is(8, Measured.Sample(new Perplexity(), Uniform));

    [Fact]
    public void Bits_per_byte_do_not_count_tokens() => Measured.Is(2, Measured.Sample(new BitsPerByte(), Uniform));

    // Documents weigh by their tokens: exp((ln 2 + 3 ln 4) / 4) = 2^(7/4).
    [Fact]
    public void A_long_document_weighs_more() => Measured.Is(
        Math.Pow(2, 1.75),
        Measured.Sample(new Perplexity(), new LanguageModelCase(Math.Log(2), 1, 1, Protocol), new LanguageModelCase(3 * Math.Log(4), 3, 3, Protocol)));

    [Fact]
    public void A_perplexity_carries_its_protocol_and_refuses_a_mixture()
    {
        Assert.Equal("wikitext-2-raw|tok:gpt2|window:1024|stride:512|bos:no", new Perplexity().Prepare(Uniform).Signature);
        Measured.IsMissing("stride:1|", Measured.Sample(new Perplexity(), [.. Uniform, Uniform[0] with { Protocol = Protocol with { Stride = 1 } }]));
    }

    [Fact]
    public void A_likelihood_above_one_is_an_error_of_the_run() =>
        Measured.IsMissing("probability", Measured.Sample(new Perplexity(), new LanguageModelCase(-1, 4, 4, Protocol)));

    // Log-likelihoods −4 over 2 bytes and −6 over 6: per byte −2 and −1.
    [Theory]
    [InlineData(false, 0, 1)]
    [InlineData(false, 1, 0)]
    [InlineData(true, 0, 0)]
    [InlineData(true, 1, 1)]
    public void Length_normalization_changes_the_choice(bool perByte, int answer, double golden) =>
        Measured.Is(golden, new ChoiceAccuracy(perByte).Measure(new ChoiceCase([new(-4, 2), new(-6, 6)], answer)));

    [Fact]
    public void Of_tied_choices_the_first_is_the_answer()
    {
        Measured.Is(1, new ChoiceAccuracy(false).Measure(new ChoiceCase([new(-4, 1), new(-4, 1)], 0)));
        Measured.Is(0, new ChoiceAccuracy(false).Measure(new ChoiceCase([new(-4, 1), new(-4, 1)], 1)));
    }

    [Fact]
    public void A_choice_without_bytes_has_no_likelihood_per_byte()
    {
        Measured.IsMissing("choice 1 is empty", new ChoiceAccuracy(true).Measure(new ChoiceCase([new(-4, 1), new(0, 0)], 0)));
        Measured.Is(0, new ChoiceAccuracy(false).Measure(new ChoiceCase([new(-4, 1), new(0, 0)], 0)));
    }
}
