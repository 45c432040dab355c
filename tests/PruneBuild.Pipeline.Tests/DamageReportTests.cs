using System.Xml.Linq;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Pruning;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Pipeline.Tests;

/// <summary>What a user can open after a build to see which layers suffered.</summary>
public sealed class DamageReportTests
{
    private static readonly LayerReport[] Reports =
    [
        new("first", "MatMul", 8, 4, "dense", 0, null, null, "none", "the first or the last layer is protected"),
        new("a,\"b\"", "MatMul", 8, 8, "2:4", 0.5, 0.25, 0.125, "bias", null),
        new("c", "Gemm", 4, 8, "2:4", 0.5, 0.5, 0.25, "bias", null),
    ];

    [Fact]
    public void Every_measured_layer_is_a_point_before_and_after_recovery()
    {
        var (svg, _, _) = Written([]);
        var points = svg.Descendants().Where(element => element.Name.LocalName == "circle").ToList();
        Assert.Equal(4, points.Count);
        Assert.Equal(["a,\"b\" (2:4): 0.2500", "c (2:4): 0.5000", "a,\"b\" (2:4): 0.1250", "c (2:4): 0.2500"], points.Select(point => point.Value));
        // Twice the error is twice as high above the axis.
        double Height(int point) => 315 - double.Parse(points[point].Attribute("cy")!.Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(2 * Height(0), Height(1), 0.1);
    }

    [Fact]
    public void The_table_has_a_row_for_each_layer_and_quotes_what_needs_it()
    {
        var (_, table, curves) = Written([]);
        Assert.Equal(4, table.Length);
        Assert.Equal("first,MatMul,8,4,dense,0,,,none,the first or the last layer is protected", table[1]);
        Assert.Equal("\"a,\"\"b\"\"\",MatMul,8,8,2:4,0.5,0.25,0.125,bias,", table[2]);
        Assert.Null(curves);
    }

    [Fact]
    public void The_table_reads_back_as_it_was_written()
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            Assert.Empty(DamageReport.Load(folder));
            DamageReport.Save(folder, Reports, []);
            Assert.Equal(
                [
                    new LayerDamage("first", "dense", 0, null, null, "none"),
                    new LayerDamage("a,\"b\"", "2:4", 0.5, 0.25, 0.125, "bias"),
                    new LayerDamage("c", "2:4", 0.5, 0.5, 0.25, "bias"),
                ],
                DamageReport.Load(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Curves_are_plotted_and_listed_where_there_are_any()
    {
        var (svg, _, curves) = Written([new LayerCurve("w", 64, [0.25, 0.5], [0.01, 0.04])]);
        Assert.Equal(6, svg.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Equal(["weight,elements,sparsity,relativeError", "w,64,0.25,0.1", "w,64,0.5,0.2"], curves!);
    }

    [Fact]
    public void A_build_leaves_the_report_beside_the_pruned_model()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        var report = Assert.Single(Directory.EnumerateFiles(project.Request.StagesFolder, "damage.svg", SearchOption.AllDirectories));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(report)!, "model.onnx")));
        Assert.True(File.Exists(Path.ChangeExtension(report, ".csv")));
        Assert.False(File.Exists(Path.Combine(project.Request.ArtifactFolder, "damage.svg")));
    }

    private static (XDocument Svg, string[] Table, string[]? Curves) Written(LayerCurve[] curves)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            DamageReport.Save(folder, Reports, curves);
            var path = Path.Combine(folder, "curves.csv");
            return (XDocument.Load(Path.Combine(folder, "damage.svg")), File.ReadAllLines(Path.Combine(folder, "damage.csv")), File.Exists(path) ? File.ReadAllLines(path) : null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
