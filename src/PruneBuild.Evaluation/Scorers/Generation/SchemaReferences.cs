using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>References of a JSON schema to its own parts.</summary>
/// <param name="root">The schema.</param>
internal sealed class SchemaReferences(JObject root)
{
    /// <summary>
    /// The part that a reference points to: <c>#</c>, or <c>#</c> and a JSON Pointer (RFC 6901). Null when there is no such object.
    /// </summary>
    public JObject? Find(string reference)
    {
        if (reference is "#") return root;
        if (!reference.StartsWith("#/", StringComparison.Ordinal)) return null;
        JToken? here = root;
        foreach (var step in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            here = here switch
            {
                JObject map => map[name],
                JArray list when int.TryParse(name, out var index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }
        return here as JObject;
    }

    /// <summary>
    /// Whether checking a value against a schema leads back to checking the same value against the same schema, which would not end.
    /// </summary>
    public bool IsCircular(JObject schema) => Leads(schema, schema, []);

    private bool Leads(JObject from, JObject to, HashSet<JObject> seen)
    {
        foreach (var next in SameValue(from))
        {
            if (ReferenceEquals(next, to) || (seen.Add(next) && Leads(next, to, seen))) return true;
        }
        return false;
    }

    // The schemas that look at the same value and not at a part of it.
    private IEnumerable<JObject> SameValue(JObject schema)
    {
        if (schema["$ref"] is JValue { Value: string reference } && Find(reference) is { } target) yield return target;
        if (schema["not"] is JObject not) yield return not;
        foreach (var key in new[] { "allOf", "anyOf", "oneOf" })
        {
            if (schema[key] is not JArray list) continue;
            foreach (var item in list.OfType<JObject>()) yield return item;
        }
    }
}
