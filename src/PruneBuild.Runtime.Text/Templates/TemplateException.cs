namespace PruneBuild.Runtime.Text;

/// <summary>What is wrong in a template, and where.</summary>
internal sealed class TemplateException(TemplatePosition position, string message) : Exception(message)
{
    public TemplatePosition Position { get; } = position;
}

/// <summary>A place in a template; both count from 1.</summary>
internal readonly record struct TemplatePosition(int Line, int Column);
