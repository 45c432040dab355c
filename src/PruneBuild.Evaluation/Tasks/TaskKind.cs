namespace PruneBuild.Evaluation;

/// <summary>What a model is asked for, and what an answer is held against.</summary>
public enum TaskKind
{
    /// <summary>One class a case.</summary>
    Classification,

    /// <summary>One number a case.</summary>
    Regression,

    /// <summary>Vectors: pairs with a judged similarity, or queries with relevant documents.</summary>
    Embedding,

    /// <summary>How likely a language model finds texts.</summary>
    Language,

    /// <summary>Which of several continuations a language model finds likeliest.</summary>
    MultipleChoice,
}

/// <summary>The tasks as a harness writes them.</summary>
internal static class TaskNames
{
    private static readonly (string Name, TaskKind Kind)[] Known =
    [
        ("classification", TaskKind.Classification), ("regression", TaskKind.Regression), ("embedding", TaskKind.Embedding),
        ("language", TaskKind.Language), ("multiple-choice", TaskKind.MultipleChoice),
    ];

    private static readonly string[] Generating = ["generation", "chat", "summarization", "translation"];

    /// <exception cref="Diagnostics.PruneBuildException">PB1012 or PB1013; PB1074 for a task whose answers a model writes.</exception>
    public static TaskKind Parse(JsonSection harness)
    {
        var name = harness.Text("task");
        if (Generating.Contains(name)) throw harness.LocationOf("task").Error("PB1074", name, string.Join(", ", Known.Select(known => known.Name)));
        return harness.OneOf("task", Known);
    }

    public static string Of(TaskKind kind) => Known.First(known => known.Kind == kind).Name;

    /// <summary>Whether the answers of a task are right or wrong.</summary>
    public static bool HasAnswers(TaskKind kind) => kind is TaskKind.Classification or TaskKind.MultipleChoice;
}
