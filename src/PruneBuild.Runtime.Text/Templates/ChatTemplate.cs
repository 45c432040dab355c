namespace PruneBuild.Runtime.Text;

/// <summary>How a model wants a conversation written.</summary>
public sealed class ChatTemplate
{
    internal static ChatTemplate? TryLoad(string folder) => null;
}
