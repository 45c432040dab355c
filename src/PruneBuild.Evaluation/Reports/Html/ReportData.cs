using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace PruneBuild.Evaluation.Reports;

/// <summary>The data behind the page as JSON, for scripts that read reports.</summary>
internal static class ReportData
{
    private const int SchemaVersion = 1;

    private static readonly JsonSerializerSettings Settings = new()
    {
        ContractResolver = new DefaultContractResolver { NamingStrategy = new CamelCaseNamingStrategy(processDictionaryKeys: false, overrideSpecifiedNames: false) },
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        NullValueHandling = NullValueHandling.Ignore,
        // Not one character in it can end the script element it stands in.
        StringEscapeHandling = StringEscapeHandling.EscapeHtml,
    };

    public static string Write(EvaluationReport report) => JsonConvert.SerializeObject(
        new
        {
            schemaVersion = SchemaVersion,
            report.Name,
            report.Tool,
            report.Device,
            report.CandidateKey,
            report.MayShip,
            Verdict = JObject.Parse(report.Verdict.ToJson()),
            report.Flips,
            report.TextFlips,
            report.Sizes,
            report.Layers,
            report.Edits,
            report.Drift,
            report.Options,
            report.Inputs,
            report.Damage,
            report.History,
        },
        Settings);
}
