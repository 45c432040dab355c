using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Tests.Runs;

namespace PruneBuild.Evaluation.Tests.Probing;

/// <summary>The end of the protocol that runs the model.</summary>
public class ProbeServerTests
{
    [Fact]
    public void Orders_are_answered_one_by_one()
    {
        using var folder = new TemporaryFolder();
        var answers = Serve(Job(folder, TinyOnnx.Unary("Identity", null, 3)), "load", "run 0", "run 1", "peak");
        Assert.Equal(4, answers.Length);
        Assert.All(answers, answer => Assert.Matches("^done [0-9.E+-]+$", answer));
    }

    [Fact]
    public void A_model_of_a_fixed_batch_gets_full_batches()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith("done ", Serve(Job(folder, TinyOnnx.Unary("Identity", 4, 3)), "run 1")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_go_to_the_input_that_takes_them()
    {
        using var folder = new TemporaryFolder();
        var job = Job(folder, TinyOnnx.Table([[1, 2], [3, 4]]), [0, 1, 1]) with { TakesTokens = true, Shape = [] };
        Assert.StartsWith("done ", Serve(job, "run 0")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_model_refuses_is_told_with_its_code_and_the_next_order_is_still_done()
    {
        using var folder = new TemporaryFolder();
        var answers = Serve(Job(folder, TinyOnnx.Unary("Identity", null, 5)), "run 0", "peak");
        Assert.StartsWith("failed PB5001 Evaluation of '", answers[0], StringComparison.Ordinal);
        Assert.StartsWith("done ", answers[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Something_else_than_a_job_is_PB9005() =>
        Assert.Equal("PB9005", Assert.Throws<PruneBuildException>(() => ProbeServer.Serve(job => new LocalProbe(job), new StringReader("hello"), new StringWriter())).Code);

    private static ProbeJob Job(TemporaryFolder folder, byte[] model, params float[] row)
    {
        RowFile.Write(folder["rows"], [row.Length > 0 ? row : [1, 2, 3], row.Length > 0 ? row : [4, 5, 6]]);
        return new ProbeJob(folder.Write("model.onnx", model), 1, null, null, false, [1, 3], folder["rows"], [0, 1, 2]);
    }

    private static string[] Serve(ProbeJob job, params string[] orders)
    {
        using var answers = new StringWriter { NewLine = "\n" };
        ProbeServer.Serve(one => new LocalProbe(one), new StringReader(string.Join("\n", [job.ToLine(), .. orders])), answers);
        return answers.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
