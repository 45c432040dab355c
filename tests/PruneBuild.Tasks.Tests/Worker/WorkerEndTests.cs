using PruneBuild.Tasks.Worker;

namespace PruneBuild.Tasks.Tests.Worker;

public sealed class WorkerEndTests
{
    private static readonly WorkerEnd Good = new(0, false, false, 0, false, true, false, "(none)");

    [Fact]
    public void Success_needs_no_explanation() => Assert.Null(Good.Explain());

    [Fact]
    public void A_kill_while_the_kernel_ended_processes_for_memory_is_out_of_memory() =>
        Assert.Equal("PB9004", (Good with { ExitCode = 137, KilledForMemory = true }).Explain()!.Code);

    [Fact]
    public void A_kill_without_memory_trouble_is_a_crash() =>
        Assert.Equal("PB9001", (Good with { ExitCode = 137 }).Explain()!.Code);

    [Fact]
    public void A_crash_while_some_other_process_ran_out_of_memory_stays_a_crash() =>
        Assert.Equal("PB9001", (Good with { ExitCode = 139, KilledForMemory = true }).Explain()!.Code);

    [Fact]
    public void An_abort_of_the_runtime_for_memory_is_out_of_memory() =>
        Assert.Equal("PB9004", (Good with { ExitCode = 134, LastWords = "Out of memory." }).Explain()!.Code);

    [Fact]
    public void A_worker_that_Ctrl_C_reached_first_was_canceled() =>
        Assert.Equal("PB9003", (Good with { ExitCode = 130 }).Explain()!.Code);

    [Fact]
    public void A_cancel_explains_even_errors_already_reported() =>
        Assert.Equal("PB9003", (Good with { ExitCode = 137, Canceled = true, ErrorsReported = true }).Explain()!.Code);

    [Fact]
    public void A_result_that_says_failure_without_any_error_is_a_protocol_error() =>
        Assert.Equal("PB9005", (Good with { Succeeded = false }).Explain()!.Code);

    [Fact]
    public void Last_words_are_the_last_twenty_lines_on_one_line()
    {
        var words = new LastWords();
        for (var i = 1; i <= 30; i++)
            words.Add($"line {i}");
        Assert.Equal(string.Join(" | ", Enumerable.Range(11, 20).Select(i => $"line {i}")), words.ToString());
    }
}
