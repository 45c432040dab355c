using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// What the floors say about critical cases: <c>{ "critical": ["id", …] }</c> names them, <c>{ "critical": true }</c> says that cases
/// with the flag must be there. Cases with the flag are critical without any of it.
/// </summary>
/// <param name="Ids">The ids, each with its place.</param>
/// <param name="FlagsExpectedAt">Where flagged cases are demanded, or null.</param>
public sealed record CriticalCases(IReadOnlyList<(string Id, SourceLocation Location)> Ids, SourceLocation? FlagsExpectedAt)
{
    internal const string Key = "critical";

    /// <exception cref="PruneBuildException">PB1011 or PB1012 at the token at fault.</exception>
    internal static CriticalCases Parse(IEnumerable<JsonSection> entries)
    {
        var ids = new List<(string, SourceLocation)>();
        SourceLocation? expectedAt = null;
        foreach (var entry in entries)
        {
            entry.AllowOnly(Key);
            if (entry.Required(Key) is JArray { Count: > 0 } list)
            {
                foreach (var item in list)
                {
                    if (item.Type != JTokenType.String) throw entry.Invalid(Key, item, "the id of a case is expected");
                    ids.Add(((string)item!, LocatedJson.Locate(item, entry.Location.File)));
                }
            }
            else if (entry.Required(Key) is JValue { Value: true })
            {
                expectedAt = entry.LocationOf(Key);
            }
            else
            {
                throw entry.Invalid(Key, "true, or a list of ids, is expected");
            }
        }
        return new CriticalCases(ids, expectedAt);
    }
}
