using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Profiles;

/// <summary>Limits as a child process sees them.</summary>
public class ProfiledProcessTests
{
    private const long Memory = 200L << 20;

    [Fact]
    public void Cores_are_inherited_by_the_child_and_not_taken_from_this_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "affinity is set on Linux only");
        var before = Allowed(File.ReadAllText("/proc/self/status"));
        var run = ProfiledProcess.Run(new ResourceProfile("pinned") { Cores = [FirstOf(before)] }, "/bin/cat", ["/proc/self/status"]);
        Assert.Equal(FirstOf(before).ToString(), Allowed(run.Output));
        Assert.Equal(before, Allowed(File.ReadAllText("/proc/self/status")));
        Assert.Equal("cores: by sched_setaffinity", Assert.Single(run.Limits).ToString());
    }

    [Fact]
    public void A_core_that_is_not_there_is_flagged_and_the_child_runs_all_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "affinity is set on Linux only");
        var run = ProfiledProcess.Run(new ResourceProfile("pinned") { Cores = [1023] }, "/bin/echo", ["there"]);
        Assert.Equal("there\n", run.Output);
        var limit = Assert.Single(run.Limits);
        Assert.False(limit.Emulated);
        Assert.StartsWith("cores: not emulated (sched_setaffinity: ", limit.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_that_takes_too_much_memory_is_PB5040_and_this_process_lives_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "memory is limited on Linux only");
        // dd allocates a buffer of one block.
        var diagnostic = HarnessFiles.Fails("PB5040", () => Copy(2 * Memory));
        Assert.Equal($"'dd' used up the {Memory} bytes that profile 'small' gives it.", diagnostic.Message);
        Assert.Equal(0, Copy(Memory / 8).ExitCode);
        Assert.Equal(2 * Memory, new byte[2 * Memory].LongLength);
    }

    [Fact]
    public void A_failure_that_has_nothing_to_do_with_memory_is_an_exit_code()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "memory is limited on Linux only");
        Assert.Equal(7, ProfiledProcess.Run(new ResourceProfile("small") { MemoryBytes = Memory }, "/bin/sh", ["-c", "exit 7"]).ExitCode);
    }

    [Fact]
    public void What_no_group_can_limit_is_flagged_with_the_reason()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "control groups are of Linux");
        using var folder = new TemporaryFolder();
        var run = Run(new ResourceProfile("slow") { CpuQuota = 0.5, MemoryBytes = Memory, Threads = 1 }, folder, "echo $DOTNET_PROCESSOR_COUNT; ulimit -v");
        Assert.Equal(
            ["cpuQuota: not emulated (no cgroup v2 is mounted)", "memoryBytes: by RLIMIT_AS, address space instead of resident memory, since no cgroup v2 is mounted"],
            run.Limits.Take(2).Select(limit => limit.ToString()));
        Assert.Equal($"1\n{Memory / 1024}\n", run.Output);
    }

    [Fact]
    public void Address_space_is_left_alone_on_request_and_the_memory_flagged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "control groups are of Linux");
        using var folder = new TemporaryFolder();
        var options = new ProfiledOptions { GroupRoot = folder.Path, OwnGroup = "/", LimitsAddressSpace = false };
        var run = ProfiledProcess.Run(new ResourceProfile("small") { MemoryBytes = Memory }, "/bin/sh", ["-c", "ulimit -v"], options);
        Assert.Equal("unlimited\n", run.Output);
        Assert.Equal("memoryBytes: not emulated (no cgroup v2 is mounted)", Assert.Single(run.Limits).ToString());
    }

    [Theory]
    [InlineData("cpu memory", "/app", true)]
    [InlineData("cpu memory", "/", true)]
    [InlineData("memory", "/app", false)]
    [InlineData("", "/app", false)]
    public void A_group_gets_quota_and_memory_and_the_child_joins_it(string controllers, string own, bool isMade)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "control groups are of Linux");
        using var folder = new TemporaryFolder();
        folder.Write("cgroup.controllers", "cpu memory");
        folder.Write("cgroup.subtree_control", controllers);
        folder.Write("app/cgroup.procs", "");

        var run = ProfiledProcess.Run(
            new ResourceProfile("slow") { CpuQuota = 0.25, MemoryBytes = Memory }, "/bin/sh",
            ["-c", $"cd {folder.Path}; cat prunebuild-*/cpu.max; echo; cat prunebuild-*/memory.max; echo; cat prunebuild-*/cgroup.procs; echo $$"], new ProfiledOptions { GroupRoot = folder.Path, OwnGroup = own });

        Assert.Equal(isMade, run.Limits[0].Emulated);
        if (isMade)
        {
            var lines = run.Output.Split('\n');
            Assert.Equal(["25000 100000", $"{Memory}"], lines[..2]);
            Assert.Equal(lines[2], lines[3]);
        }
        else
        {
            Assert.StartsWith("cpuQuota: not emulated (the controller cpu", run.Limits[0].ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void On_this_machine_a_quota_holds_or_is_flagged()
    {
        var run = ProfiledProcess.Run(new ResourceProfile("half") { CpuQuota = 0.5 }, "dotnet", ["--version"]);
        Assert.Equal(0, run.ExitCode);
        var limit = Assert.Single(run.Limits);
        Assert.NotEmpty(limit.How);
        Assert.Equal(limit.How == "cgroup v2", limit.Emulated);
    }

    [Fact]
    public void A_canceled_run_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/bin/sleep is of Linux");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(() => ProfiledProcess.Run(new ResourceProfile("one") { Threads = 1 }, "/bin/sleep", ["100"], cancellation: cancellation.Token));
    }

    [Fact]
    public void The_peak_of_a_piece_of_work_is_at_least_what_it_touches()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is of Linux");
        var peak = PeakResident.During(() => new byte[64 << 20].AsSpan().Fill(1));
        Assert.InRange(peak!.Value.Bytes, 64 << 20, long.MaxValue);
        Assert.Null(PeakResident.Of(int.MaxValue));
    }

    private static ProfiledRun Copy(long block) =>
        ProfiledProcess.Run(new ResourceProfile("small") { MemoryBytes = Memory }, "/bin/dd", ["if=/dev/zero", "of=/dev/null", $"bs={block}", "count=1"]);

    private static ProfiledRun Run(ResourceProfile profile, TemporaryFolder groups, string script) =>
        ProfiledProcess.Run(profile, "/bin/sh", ["-c", script], new ProfiledOptions { GroupRoot = groups.Path, OwnGroup = "/" });

    private static string Allowed(string status) => status.Split('\n').First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1].Trim();

    private static int FirstOf(string list) => int.Parse(list.Split(',', '-')[0]);
}
