using System.Diagnostics;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace PruneBuild.Tasks.Tests.Worker;

public sealed class RunPruneBuildWorkerTests
{
    [Fact]
    public void A_stage_that_succeeds_logs_progress_and_nothing_worse()
    {
        using var run = WorkerRun.Script("score 1\n");
        Assert.True(run.Task.Execute());
        Assert.Empty(run.Engine.Errors);
        Assert.Empty(run.Engine.Warnings);
        Assert.Contains("m [linux-x64]: prune runs (50 %)", run.Engine.MessagesOf(MessageImportance.High));
    }

    [Fact]
    public void The_worker_knows_the_process_it_must_not_outlive()
    {
        using var run = WorkerRun.Script("score 1\n");
        run.Task.Execute();
        Assert.Contains($"parent {Environment.ProcessId}", run.Engine.MessagesOf(MessageImportance.Low));
    }

    [Fact]
    public void An_error_of_the_worker_keeps_its_code_place_and_help_page_and_gets_no_companion()
    {
        using var run = WorkerRun.Script("prune error 1\n");
        var page = run.Project.Folder.Write("docs/PB3001.md", "# PB3001");
        Assert.False(run.Task.Execute());
        var error = Assert.Single(run.Engine.Errors);
        Assert.Equal(
            ("PB3001", run.Project.Folder.Path("m.onnx"), 4, 5, "nothing to prune", new Uri(page).AbsoluteUri),
            (error.Code, error.File, error.LineNumber, error.ColumnNumber, error.Message, error.HelpLink));
    }

    [Fact]
    public void An_error_that_blames_the_project_gets_the_line_of_the_item()
    {
        using var run = WorkerRun.Script("prune blame\n", projectText: """
            <Project>
              <ItemGroup>
                <ModelReference Include="a.onnx" />
                <ModelReference Include="m.onnx" />
              </ItemGroup>
            </Project>
            """);
        Assert.False(run.Task.Execute());
        var error = Assert.Single(run.Engine.Errors);
        Assert.Equal(("PB1012", run.Project.ProjectFile, 4, 6), (error.Code, error.File, error.LineNumber, error.ColumnNumber));
    }

    [Fact]
    public void A_stage_that_fails_names_its_model_and_one_that_succeeds_none()
    {
        using var bad = WorkerRun.Script("prune error 1\n");
        bad.Task.Execute();
        Assert.Same(bad.Model, Assert.Single(bad.Task.FailedModels));
        using var good = WorkerRun.Script("score 1\n");
        good.Task.Execute();
        Assert.Empty(good.Task.FailedModels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(134)]
    public void An_explained_failure_gets_no_second_error_whatever_the_exit_code(int exitCode)
    {
        using var run = WorkerRun.Script($"prune error {exitCode}\n");
        Assert.False(run.Task.Execute());
        Assert.Equal("PB3001", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void A_warning_of_the_worker_does_not_fail_the_stage_and_is_no_format_string()
    {
        using var run = WorkerRun.Script("prune warn\n");
        Assert.True(run.Task.Execute());
        var warning = Assert.Single(run.Engine.Warnings);
        Assert.Equal(("PB4002", "100% {sure}", 2, 3), (warning.Code, warning.Message, warning.LineNumber, warning.ColumnNumber));
    }

    [Fact]
    public void Lines_that_are_no_events_are_log_and_hurt_nothing()
    {
        using var run = WorkerRun.Script("prune garbage\n");
        Assert.True(run.Task.Execute());
        Assert.Empty(run.Engine.Errors);
        Assert.Contains("{0} {not a format}", run.Engine.MessagesOf(MessageImportance.Low));
    }

    [Fact]
    public void A_native_abort_is_PB9001_with_the_last_words()
    {
        using var run = WorkerRun.Script("prune abort\n");
        Assert.False(run.Task.Execute());
        var error = Assert.Single(run.Engine.Errors);
        Assert.Equal(("PB9001", run.Project.ProjectFile), (error.Code, error.File));
        Assert.Contains("something terrible happened", error.Message, StringComparison.Ordinal);
        Assert.Contains("134", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_worker_is_PB9001()
    {
        using var run = WorkerRun.Script("prune kill\n");
        Assert.False(run.Task.Execute());
        var error = Assert.Single(run.Engine.Errors);
        Assert.Equal("PB9001", error.Code);
        Assert.Contains("137", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_out_of_memory_exit_is_PB9004()
    {
        using var run = WorkerRun.Script("prune exit 4\n");
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9004", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void An_unexplained_exit_code_is_PB9001()
    {
        using var run = WorkerRun.Script("prune exit 7\n");
        Assert.False(run.Task.Execute());
        var error = Assert.Single(run.Engine.Errors);
        Assert.Equal("PB9001", error.Code);
        Assert.Contains("leaving early", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_ends_without_a_result_is_PB9005()
    {
        using var run = WorkerRun.Script("prune silent\n");
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9005", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void A_hanging_worker_is_ended_with_its_children_and_is_PB9002()
    {
        using var run = WorkerRun.Script("prune hang\n", timeoutSeconds: 3);
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9002", Assert.Single(run.Engine.Errors).Code);
        Assert.Empty(run.Engine.Warnings);
        AssertGone(run.HangingProcesses);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_canceled_worker_is_ended_with_its_children_and_is_PB9003()
    {
        using var run = WorkerRun.Script("prune hang\n");
        var execution = System.Threading.Tasks.Task.Run(run.Task.Execute);
        run.WaitUntilHanging();
        run.Task.Cancel();
        Assert.False(await execution);
        Assert.Equal("PB9003", Assert.Single(run.Engine.Errors).Code);
        Assert.Empty(run.Engine.Warnings);
        AssertGone(run.HangingProcesses);
    }

    [Fact]
    public void A_cancel_before_the_start_ends_the_worker_too()
    {
        using var run = WorkerRun.Script("prune hang\n");
        run.Task.Cancel();
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9003", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void A_missing_host_is_PB9006()
    {
        using var run = WorkerRun.Script("score 1\n");
        run.Task.Worker.SetMetadata("DotNetHost", run.Project.Folder.Path("no-dotnet"));
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9006", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void A_host_that_is_no_program_is_PB9006()
    {
        using var run = WorkerRun.Script("score 1\n");
        run.Task.Worker.SetMetadata("DotNetHost", run.Project.Folder.Write("dotnet", "not a program"));
        Assert.False(run.Task.Execute());
        Assert.Equal("PB9006", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void A_timeout_that_is_no_number_is_PB1012()
    {
        using var run = WorkerRun.Script("score 1\n");
        run.Task.Worker.SetMetadata("TimeoutSeconds", "soon");
        Assert.False(run.Task.Execute());
        Assert.Equal("PB1012", Assert.Single(run.Engine.Errors).Code);
    }

    [Fact]
    public void The_task_may_run_in_a_multithreaded_build()
    {
        Type[] tasks = [.. typeof(RunPruneBuildWorker).Assembly.GetExportedTypes().Where(type => typeof(ITask).IsAssignableFrom(type))];
        Assert.Equal(5, tasks.Length);
        Assert.All(tasks, task => Assert.Contains(
            task.CustomAttributes, attribute => attribute.AttributeType.FullName == "Microsoft.Build.Framework.MSBuildMultiThreadableTaskAttribute"));
    }

    private static void AssertGone(IReadOnlyList<int> processIds) =>
        Assert.All(processIds, id => Assert.True(SpinWait.SpinUntil(() => HasEnded(id), TimeSpan.FromSeconds(10))));

    /// <summary>Ended, or a zombie that only waits for its parent to ask.</summary>
    private static bool HasEnded(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            var status = $"/proc/{id}/status";
            return process.HasExited || (File.Exists(status) && File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return true;
        }
    }
}
