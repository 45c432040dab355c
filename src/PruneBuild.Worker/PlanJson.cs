using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using PruneBuild.Targeting;

namespace PruneBuild.Worker;

/// <summary>A plan as JSON, with every candidate and every reason.</summary>
internal static class PlanJson
{
    private static readonly JsonSerializerSettings Settings = new()
    {
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        Formatting = Formatting.Indented,
    };

    public static string Write(ModelPlan plan) => JsonConvert.SerializeObject(
        new
        {
            device = plan.Device.Id,
            rid = plan.Device.Rid,
            layers = plan.Layers.Select(layer => new
            {
                layer.Layer.Name,
                layer.Layer.Op,
                layer.Layer.Outputs,
                layer.Layer.Inputs,
                rows = layer.Layer.BatchRows,
                layer.Chosen,
                layer.Reason,
                layer.Candidates,
            }),
            plan.Unplanned,
            microseconds = new
            {
                denseFp32 = plan.Layers.Sum(layer => layer.Candidates.First(candidate => !candidate.IsSparse && candidate.Precision == "fp32").Microseconds),
                bestDense = plan.Layers.Sum(layer => ModelPlan.BestDense(layer).Microseconds),
                chosen = plan.Layers.Sum(layer => layer.Chosen.Microseconds),
            },
            bytes = new
            {
                bestDense = plan.Layers.Sum(layer => ModelPlan.BestDense(layer).Bytes),
                chosen = plan.Layers.Sum(layer => layer.Chosen.Bytes),
            },
        },
        Settings) + "\n";
}
