using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>What a check looks at.</summary>
/// <param name="Generation">All that the model wrote.</param>
/// <param name="Text">Its text, or the part of it that <c>path</c> chose.</param>
/// <param name="Part">That part; null when all of the text is checked.</param>
internal readonly record struct CheckedOutput(Generation Generation, string Text, JToken? Part)
{
    /// <summary>What is checked as JSON; null when it is none.</summary>
    public JToken? Json => Part ?? StrictJson.Parse(Text);
}
