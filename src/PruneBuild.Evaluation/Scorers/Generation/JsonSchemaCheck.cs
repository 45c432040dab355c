using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output is JSON that a JSON schema allows. The schema stands in the case or in a file of the harness folder.</summary>
internal sealed class JsonSchemaCheck(CheckedSchema schema) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1010 malformed schema file, PB1011 to PB1013, PB1070 pattern, PB1073 keyword that is not checked.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("schema");
        if (source.Json.Required("schema") is JObject inline)
            return new JsonSchemaCheck(CheckedSchema.Parse(inline, source.Json.LocationOf("schema").File));
        var name = source.Json.Text("schema");
        var file = CasePath.Find(source.Folder, name) ?? throw source.Json.Invalid("schema", "the file is not inside the harness folder");
        if (!File.Exists(file)) throw source.Json.Invalid("schema", "the file does not exist");
        return new JsonSchemaCheck(CheckedSchema.Parse(LocatedJson.Load(file), file));
    }

    public override Score Measure(CheckedOutput output) =>
        Score.Of(output.Json is { } value && schema.Allows(value));
}
