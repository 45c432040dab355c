using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// What an <see cref="EdgeChatClient"/> tells of its answers, by the names of OpenTelemetry's conventions for generative AI: an activity each,
/// and the metrics <c>gen_ai.client.operation.duration</c>, <c>gen_ai.client.token.usage</c>, <c>gen_ai.server.time_to_first_token</c> and
/// <c>gen_ai.server.time_per_output_token</c>. No text of a conversation is in any of them.
/// </summary>
public static class ChatTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string SourceName = "PruneBuild.Runtime.Text";

    internal const string Provider = "prunebuild";
    private const string Operation = "chat";

    private static readonly ActivitySource Activities = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Histogram<double> OperationDuration = Seconds("gen_ai.client.operation.duration", "Duration of an answer.",
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
    private static readonly Histogram<double> TimeToFirstToken = Seconds("gen_ai.server.time_to_first_token", "Time until the first token.",
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10);
    private static readonly Histogram<double> TimePerOutputToken = Seconds("gen_ai.server.time_per_output_token", "Time of a token after the first.",
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5);
    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a prompt or an answer.", tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    /// <summary>Begins an answer.</summary>
    internal static Activity? Start(string modelId, GenerationOptions options)
    {
        // The model runs in this process: the conventions call such a span internal.
        var activity = Activities.StartActivity($"{Operation} {modelId}", ActivityKind.Internal);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("gen_ai.operation.name", Operation).SetTag("gen_ai.provider.name", Provider).SetTag("gen_ai.request.model", modelId)
            .SetTag("gen_ai.request.temperature", options.Temperature).SetTag("gen_ai.request.top_p", options.TopP).SetTag("gen_ai.output.type", options.Constraint is null ? "text" : "json");
        if (options.MaxTokens is { } most)
            activity.SetTag("gen_ai.request.max_tokens", most);
        if (options.TopK > 0)
            activity.SetTag("gen_ai.request.top_k", options.TopK);
        if (options.Seed is { } seed)
            activity.SetTag("gen_ai.request.seed", seed);
        if (options.StopStrings.Count > 0)
            activity.SetTag("gen_ai.request.stop_sequences", options.StopStrings.ToArray());
        return activity;
    }

    /// <summary>An answer has ended.</summary>
    internal static void Finish(Activity? activity, string modelId, GenerationResult result, string finishReason, TimeSpan duration)
    {
        activity?.SetTag("gen_ai.response.model", modelId).SetTag("gen_ai.response.finish_reasons", new[] { finishReason })
            .SetTag("gen_ai.usage.input_tokens", result.InputTokens).SetTag("gen_ai.usage.output_tokens", result.Tokens.Count);
        var tags = Tags(modelId);
        OperationDuration.Record(duration.TotalSeconds, tags);
        TimeToFirstToken.Record(result.TimeToFirstToken.TotalSeconds, tags);
        if (result.Tokens.Count > 1)
            TimePerOutputToken.Record((result.Duration - result.TimeToFirstToken).TotalSeconds / (result.Tokens.Count - 1), tags);
        TokenUsage.Record(result.InputTokens, Tags(modelId, ("gen_ai.token.type", "input")));
        TokenUsage.Record(result.Tokens.Count, Tags(modelId, ("gen_ai.token.type", "output")));
    }

    /// <summary>An answer has failed, or was ended.</summary>
    internal static void Fail(Activity? activity, string modelId, Exception exception, TimeSpan duration)
    {
        var type = exception is EdgeModelException coded ? coded.Code : exception.GetType().FullName!;
        activity?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, exception.Message);
        OperationDuration.Record(duration.TotalSeconds, Tags(modelId, ("error.type", type)));
    }

    private static TagList Tags(string modelId, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var tags = new TagList
        {
            { "gen_ai.operation.name", Operation }, { "gen_ai.provider.name", Provider }, { "gen_ai.request.model", modelId }, { "gen_ai.response.model", modelId },
        };
        foreach (var (name, value) in more)
            tags.Add(name, value);
        return tags;
    }

    private static Histogram<double> Seconds(string name, string description, params double[] boundaries) =>
        Meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
