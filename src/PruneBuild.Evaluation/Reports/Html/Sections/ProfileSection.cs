using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Reports;

/// <summary>The resource profiles: what was measured under each, where, and which limits held.</summary>
internal static class ProfileSection
{
    private static readonly Table.Column[] Columns =
    [
        new("Profile"), new("Figures"), new("Model"), new("p50", true), new("p90", true), new("p99", true), new("Ratio of p50", true), new("Load", true), new("First", true), new("Memory", true),
    ];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Verdict.Profiles is not { Count: > 0 } profiles) return null;
        return new ReportSection(
            "profiles", "Profiles",
            "Parent and candidate ran in turn, each in a process of its own that the limits hold for. Memory is the peak of that process, its runtime included. "
            + "Zeros alone make no dense kernel faster: only a sparse kernel can, and the table of kernels says which layers have one.",
            Markup.Join([Figures(profiles), Limits(profiles)]));
    }

    private static Markup Figures(IReadOnlyList<ProfileStatement> profiles) => Table.Of("What was measured under every profile", Columns, profiles.SelectMany(profile => (IReadOnlyList<Markup>[])
    [
        Row(profile, "parent", profile.Latency?.Parent, profile.Parent, ratio: null),
        Row(profile, "candidate", profile.Latency?.Candidate, profile.Candidate, ProfileWords.Ratio(profile)),
    ]));

    private static IReadOnlyList<Markup> Row(ProfileStatement profile, string role, LatencySummary? times, ModelStatement? model, string? ratio) =>
    [
        Markup.Of($"{ProfileWords.Name(profile)}"),
        Markup.Of($"{ProfileWords.Origin(profile)}"),
        Markup.Of($"{role}"),
        Markup.Of($"{ProfileWords.Time(times?.MedianSeconds)}"),
        Markup.Of($"{ProfileWords.Time(times?.P90Seconds)}"),
        Markup.Of($"{ProfileWords.Time(times?.P99Seconds)}"),
        Markup.Of($"{ratio ?? ""}"),
        Markup.Of($"{ProfileWords.Time(model?.LoadSeconds)}"),
        Markup.Of($"{ProfileWords.Time(model?.FirstSeconds)}"),
        Markup.Of($"{ProfileWords.Memory(model)}"),
    ];

    private static Markup Limits(IReadOnlyList<ProfileStatement> profiles) => profiles.All(profile => profile.Limits.Count == 0) ? Markup.None : Table.Of(
        "Which limits held", [new("Profile"), new("Limit"), new("Holds")],
        from profile in profiles
        from limit in profile.Limits
        select (IReadOnlyList<Markup>)
        [
            Markup.Of($"{ProfileWords.Name(profile)}"), Markup.Of($"{limit.ToString()}"), limit.Emulated ? Badge.Of("yes", "good") : Badge.Of("not emulated", "unsure"),
        ]);
}
