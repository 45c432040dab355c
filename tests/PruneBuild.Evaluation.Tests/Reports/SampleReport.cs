using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Reports;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Tests.Reports;

/// <summary>Reports with everything in them: three slices, of which the first clears its floors, the second cannot decide and the third misses.</summary>
internal static class SampleReport
{
    public const string Floors = """
        { "dimension": "accuracy", "slice": "common", "min": 0.90, "maxDrop": 0.02 },
            { "dimension": "accuracy", "slice": "edge", "maxDrop": 0.02 },
            { "dimension": "accuracy", "slice": "adversarial", "min": 0.75, "retention": 0.95 }
        """;

    public static EvaluationReport Create(TemporaryFolder folder, string floors = Floors, InconclusivePolicy policy = InconclusivePolicy.Fail)
    {
        folder.Write(".git", "");
        var (harness, cases) = HarnessFiles.Create(folder, floors, ("common", new int[1000]), ("edge", new int[50]), ("adversarial", new int[200]));
        var (parent, candidate) = HarnessFiles.Answers((970, 3, 7, 20), (40, 0, 0, 10), (100, 50, 0, 50));
        var verdict = Gate.Judge(harness, cases, parent, candidate, "linux-arm64");
        return new EvaluationReport
        {
            Name = "digits",
            Verdict = verdict,
            Diagnostics = verdict.ToDiagnostics(policy),
            SourceRoot = folder.Path,
            Tool = "1.2.3",
            Device = "raspberry-pi-4",
            CandidateKey = "0123456789abcdef0123456789abcdef",
            Flips = CaseFlip.Find(cases, parent, candidate, 40),
            Sizes = new ArtifactSizes(1_278_861, 82_630),
            Options = new Dictionary<string, string> { ["prune.pattern"] = "8x4", ["prune.sparsity"] = "0.8" },
            Inputs = [new ArtifactInput("model", "models/digits.onnx", 1_278_861, new string('a', 64)), new ArtifactInput("harness", "harness.json", 942, new string('b', 64))],
            Edits = new ArtifactEdits
            {
                Structured = [new ArtifactDimension("conv1", 16, [0, 1, 2], null), new ArtifactDimension("conv2", 32, null, "it feeds the output")],
                Training = [new ArtifactTraining("distillation", 300, 12_345, "steps", 0.5, 0.25)],
                Mixed = new ArtifactMixedPrecision("knapsack", "bytes", 100_000, 99_000, 99_000, 0.012, 0.011,
                    [new ArtifactWeightPrecision("dense1", 4, [new ArtifactSensitivity(4, 90_000, 0.01), new ArtifactSensitivity(8, 170_000, 0.001)])]),
            },
            Drift = new ArtifactDrift("dense parent", new ArtifactModelDrift(0.12, 0.0345, 0.1, 0.2, 0.94, 0.01, 0.985, 0.1, 12.5, 33.3, 7))
            {
                Pruning = new ArtifactModelDrift(0.1, 0.02),
                Quantization = new ArtifactModelDrift(0.05, 0.01),
                Interaction = [new ArtifactInteraction("kl", 0.02, 0.01, 0.0345, 0.0045)],
            },
            Layers =
            [
                new ArtifactLayer("dense1", "Gemm", 192, 1536, "8x4", 0.8, "int8", "block8x4.int8", "block8x4.int8 50.0 us, dense.fp32 200.0 us", 70_000,
                    [
                        new ArtifactCandidate("block8x4.int8", "int8", 50, 70_000), new ArtifactCandidate("dense.fp32", "fp32", 200, 1_179_648),
                        new ArtifactCandidate("2:4.int8", "int8", 0, 0, "the zeros do not fit"),
                    ]) { RelativeError = 0.1 },
                new ArtifactLayer("classifier", "Gemm", 10, 96, "dense", 0, "fp32", "dense.fp32", "the first or the last layer is protected", 3840, [new ArtifactCandidate("dense.fp32", "fp32", 4, 3840)]),
            ],
            Damage = [new LayerDamage("dense1", "8x4", 0.8, 0.3, 0.1, "least-squares"), new LayerDamage("classifier", "dense", 0, null, null, "none")],
            History = HistoryEntry.Parse(["""{ "date": "2026-11-27", "kind": "relax", "floor": "accuracy/edge/maxDrop", "reason": "new camera" }"""]),
        };
    }

    /// <summary>The same where every text that a model, a case or a user can choose is a piece of HTML that would act if it were taken for one.</summary>
    public static EvaluationReport Hostile(TemporaryFolder folder, string attack)
    {
        var report = Create(folder);
        var verdict = report.Verdict with
        {
            Checks = [.. report.Verdict.Checks.Select(check => check with { Slice = attack, Dimension = attack, Message = $"[linux-arm64] {attack}" })],
            Slices = [.. report.Verdict.Slices.Select(slice => slice with { Slice = attack })],
            Scores = [new MeasuredScore(attack, attack, 1) { Parent = 1, Candidate = 0.5, Signature = attack }, new MeasuredScore(attack, attack, 1) { Reason = attack }],
            Rid = attack,
            Task = attack,
            Harness = attack,
        };
        return report with
        {
            Name = attack,
            Verdict = verdict,
            Diagnostics = [.. verdict.ToDiagnostics(), new Diagnostic(attack, Severity.Error, attack, attack, 1, 1)],
            Tool = attack,
            Device = attack,
            CandidateKey = attack,
            Flips = [new CaseFlip(0, attack, attack, FlipKind.Lost, attack, attack, attack, 1, 2) { Picture = attack }, new CaseFlip(1, attack, attack, FlipKind.Won, attack, attack, attack, 1, 2)],
            Options = new Dictionary<string, string> { [attack] = attack },
            Inputs = [new ArtifactInput(attack, attack, 1, attack)],
            Edits = new ArtifactEdits
            {
                Structured = [new ArtifactDimension(attack, 1, null, attack)],
                Mixed = new ArtifactMixedPrecision(attack, attack, 1, 1, 1, 0, 0, [new ArtifactWeightPrecision(attack, 4, [new ArtifactSensitivity(4, 1, 0)], attack)]),
                Budget = new ArtifactBudget(attack, 1, 1, 0.5),
                Redistributions = [new ArtifactRedistribution(attack, attack, 1, attack)],
                Permutations = [new ArtifactPermutation(attack, 1, 1, 1, attack)],
                Training = [new ArtifactTraining(attack, 1, 1, attack, 1, 1)],
            },
            Layers = [new ArtifactLayer(attack, attack, 1, 1, attack, 0.5, attack, attack, attack, 1, [new ArtifactCandidate(attack, attack, 1, 1), new ArtifactCandidate(attack, attack, 1, 1, attack)])],
            Damage = [new LayerDamage(attack, attack, 0.5, 0.2, 0.1, attack)],
            Drift = new ArtifactDrift(attack, new ArtifactModelDrift(1)) { Interaction = [new ArtifactInteraction(attack, 1, 1, 1, 1)] },
            History = [new HistoryEntry(attack, attack, [KeyValuePair.Create(attack, attack)])],
        };
    }
}
