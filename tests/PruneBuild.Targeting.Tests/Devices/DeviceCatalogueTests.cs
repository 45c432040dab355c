using PruneBuild.Diagnostics;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class DeviceCatalogueTests
{
    public static TheoryData<string> Ids => [.. DeviceCatalogue.All.Select(device => device.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_figure_is_positive_and_says_where_it_comes_from(string id)
    {
        var device = Device(id);

        foreach (var (value, source) in Figures(device))
        {
            Assert.True(value > 0, $"{value}: {source}");
            Assert.Matches("^(measured on |specified: |estimated: ).{5,}", source);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Sparse_rates_cover_every_packed_format_that_the_device_runs_well(string id)
    {
        var device = Device(id);
        // Floats picked by lane need byte tables on Arm, which no kernel does.
        var absent = device.IsaTiers.Contains("advsimd") ? new HashSet<string> { "2:4.float32", "1:8.float32", "2:8.float32", "4:8.float32" } : [];

        var executable = PackedFormats.All.Where(format => format.IsExecutable).Select(format => format.Name);

        Assert.Empty(executable.Except(device.SparseWeightsPerSecond.Keys).Except(absent));
        Assert.Empty(device.SparseWeightsPerSecond.Keys.Intersect(absent));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_sparse_rate_is_of_a_format_that_exists(string id) =>
        Assert.All(DeviceCatalogue.All.Single(device => device.Id == id).SparseWeightsPerSecond.Keys, name => Assert.NotNull(PackedFormats.Find(name)));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Sparse_rates_rise_with_sparsity(string id)
    {
        var device = Device(id);

        foreach (var curve in device.SparseWeightsPerSecond.Values.SelectMany(rates => new[] { rates.One, rates.Few, rates.Many }))
        {
            Assert.NotEmpty(curve.Points);
            Assert.All(curve.Points, point => Assert.InRange(point.Sparsity, 0, 0.999));
            foreach (var (left, right) in curve.Points.Zip(curve.Points.Skip(1)))
            {
                Assert.True(left.Sparsity < right.Sparsity);
                Assert.True(left.WeightsPerSecond <= right.WeightsPerSecond);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Dense_rates_cover_fp32_int8_and_int4(string id) =>
        Assert.Equal(["fp32", "int4", "int8"], Device(id).DenseWeightsPerSecond.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public void All_cores_together_have_at_least_the_bandwidth_of_one(string id)
    {
        var bandwidth = Device(id).BandwidthBytesPerSecond;

        Assert.True(bandwidth.OneCore.Value <= bandwidth.AllCores.Value);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Int8_saturates_on_x64_without_VNNI_and_nowhere_else(string id)
    {
        var device = Device(id);

        Assert.Equal(device.Rid.EndsWith("x64", StringComparison.Ordinal) && !device.IsaTiers.Contains("avx-vnni"), device.SaturatesInt8);
    }

    [Fact]
    public void Ids_are_unique() =>
        Assert.Equal(DeviceCatalogue.All.Count, DeviceCatalogue.All.Select(device => device.Id).Distinct().Count());

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    [InlineData("win-x64")]
    [InlineData("win-arm64")]
    [InlineData("osx-arm64")]
    public void Every_supported_RID_has_one_default_device(string rid)
    {
        Assert.Single(DeviceCatalogue.All, device => device.Rid == rid && device.IsDefault);
        Assert.Equal(rid, DeviceCatalogue.Find(rid).Rid);
        Assert.Same(DeviceCatalogue.Find(rid), DeviceCatalogue.Find(rid, ""));
    }

    [Fact]
    public void A_phone_can_be_planned_for_but_not_built_for()
    {
        Assert.Equal("android-arm64", DeviceCatalogue.FindToPlan("android-arm64").Rid);
        Assert.Equal("PB1020", Assert.Throws<PruneBuildException>(() => DeviceCatalogue.Find("android-arm64")).Code);
        Assert.DoesNotContain("android-arm64", DeviceCatalogue.Rids);
    }

    [Fact]
    public void A_device_is_found_by_name() =>
        Assert.Equal("raspberry-pi-5", DeviceCatalogue.Find("linux-arm64", "raspberry-pi-5").Id);

    [Fact]
    public void The_default_of_linux_arm64_assumes_no_dot_product() =>
        Assert.Equal(["advsimd"], DeviceCatalogue.Find("linux-arm64").IsaTiers);

    [Theory]
    [InlineData("linux-s390x")]
    [InlineData("")]
    [InlineData("LINUX-X64")]
    public void An_unknown_RID_is_PB1020_and_names_the_known_ones(string rid)
    {
        var failure = Assert.Throws<PruneBuildException>(() => DeviceCatalogue.Find(rid));

        Assert.Equal("PB1020", failure.Code);
        Assert.Contains("linux-arm64", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-musl-arm64")]
    [InlineData("linux-arm")]
    [InlineData("osx-x64")]
    [InlineData("win-x86")]
    public void A_RID_without_ONNX_Runtime_is_PB6001(string rid) =>
        Assert.Equal("PB6001", Assert.Throws<PruneBuildException>(() => DeviceCatalogue.Find(rid)).Code);

    [Theory]
    [InlineData("raspberry-pi-9")]
    [InlineData("linux-x64-avx2")]
    public void A_device_the_RID_does_not_have_is_PB1021_and_names_those_it_has(string device)
    {
        var failure = Assert.Throws<PruneBuildException>(() => DeviceCatalogue.Find("linux-arm64", device));

        Assert.Equal("PB1021", failure.Code);
        Assert.Contains("raspberry-pi-4", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("osx-arm64-m1", failure.Message, StringComparison.Ordinal);
    }

    private static Device Device(string id) => DeviceCatalogue.All.Single(device => device.Id == id);

    private static IEnumerable<(double Value, string Source)> Figures(Device device)
    {
        Figure[] figures =
        [
            device.Cores, device.LastLevelCacheBytes, device.BandwidthBytesPerSecond.OneCore, device.BandwidthBytesPerSecond.AllCores,
            device.NodeOverheadSeconds.BuiltIn, device.NodeOverheadSeconds.SparseMatMul,
            device.QuantizeSecondsPerElement, device.TransposeSecondsPerElement,
            .. device.DenseWeightsPerSecond.Values.SelectMany(rate => new[] { rate.One, rate.Few, rate.Many }),
        ];
        return figures.Select(figure => (figure.Value, figure.Source)).Concat(
            from rates in device.SparseWeightsPerSecond.Values
            from curve in new[] { rates.One, rates.Few, rates.Many }
            from point in curve.Points
            select (point.WeightsPerSecond, curve.Source));
    }
}
