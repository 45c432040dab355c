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

    /// <summary>Texts that a language model writes, held against checks, references and judges.</summary>
    Generation,
}

/// <summary>The tasks as a harness writes them.</summary>
internal static class TaskNames
{
    private static readonly (string Name, TaskKind Kind)[] Known =
    [
        ("classification", TaskKind.Classification), ("regression", TaskKind.Regression), ("embedding", TaskKind.Embedding),
        ("language", TaskKind.Language), ("multiple-choice", TaskKind.MultipleChoice), ("generation", TaskKind.Generation),
    ];

    /// <exception cref="Diagnostics.PruneBuildException">PB1012 or PB1013.</exception>
    public static TaskKind Parse(JsonSection harness) => harness.OneOf("task", Known);

    public static string Of(TaskKind kind) => Known.First(known => known.Kind == kind).Name;

    /// <summary>Whether the answers of a task are right or wrong.</summary>
    public static bool HasAnswers(TaskKind kind) => kind is TaskKind.Classification or TaskKind.MultipleChoice;

    /// <summary>Whether a case of a task can be wrong, so that one may be critical.</summary>
    public static bool CanFail(TaskKind kind) => HasAnswers(kind) || kind == TaskKind.Generation;
}
