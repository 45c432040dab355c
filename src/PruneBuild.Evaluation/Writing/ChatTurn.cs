namespace PruneBuild.Evaluation;

/// <summary>One message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record ChatTurn(string Role, string Content)
{
    /// <summary>Every role.</summary>
    internal static string[] Roles { get; } = ["system", "user", "assistant", "tool"];
}

/// <summary>What a model is asked to continue: a text as it is, or the messages of a chat.</summary>
/// <param name="Text">The text; null for a chat.</param>
/// <param name="Messages">The messages; none for a text.</param>
public sealed record WritingPrompt(string? Text, IReadOnlyList<ChatTurn> Messages)
{
    /// <summary>As people and judges read it: the text, or a message after the other with its role.</summary>
    public override string ToString() => Text ?? string.Join("\n", Messages.Select(message => $"{message.Role}: {message.Content}"));
}
