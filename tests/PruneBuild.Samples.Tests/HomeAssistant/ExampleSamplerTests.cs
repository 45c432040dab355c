using System.Security.Cryptography;
using System.Text;
using HomeAssistant.Language;
using Slice = HomeAssistant.Language.Slice;

namespace PruneBuild.Samples.Tests.HomeAssistant;

public sealed class ExampleSamplerTests
{
    public static TheoryData<Slice> Slices => [.. Enum.GetValues<Slice>()];

    [Fact]
    public void Every_platform_says_the_same_sentences()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var slice in Enum.GetValues<Slice>())
            foreach (var example in Drawn(slice, 500))
                hash.AppendData(Encoding.UTF8.GetBytes($"{example.Sentence}\n{example.Answer.ToJson()}\n"));
        Assert.Equal("A56195152727066EFB1E1ADDA4B0F2C43D18EC9C1F8B41CEBC5430A27B94E6E5", Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Theory]
    [MemberData(nameof(Slices))]
    public void What_is_commanded_can_be_done_in_the_house(Slice slice) =>
        Assert.All(Drawn(slice, 3000), example => Assert.All(example.Answer.Commands, command => Assert.Null(AnswerReader.Objection(command))));

    [Theory]
    [MemberData(nameof(Slices))]
    public void An_answer_is_read_back_from_its_JSON(Slice slice) => Assert.All(Drawn(slice, 1000), example =>
    {
        var read = AnswerReader.Read(example.Answer.ToJson());
        Assert.Equal(example.Answer.Commands, read.Commands);
        Assert.Equal(example.Answer.Refusal, read.Refusal);
    });

    [Theory]
    [MemberData(nameof(Slices))]
    public void One_sentence_has_one_answer(Slice slice) =>
        Assert.All(Drawn(slice, 20_000).GroupBy(example => example.Sentence), same => Assert.Single(same.Select(example => example.Answer.ToJson()).Distinct()));

    [Fact]
    public void Rare_devices_are_rare_among_common_sentences_and_frequent_among_edge_ones()
    {
        var rare = Home.RareDevices.Select(device => device.Name).ToHashSet();
        double Share(Slice slice) => Drawn(slice, 4000).SelectMany(example => example.Answer.Commands).Average(command => rare.Contains(command.Device) ? 1.0 : 0);
        Assert.InRange(Share(Slice.Common), 0.05, 0.35);
        Assert.InRange(Share(Slice.Edge), 0.55, 0.85);
    }

    [Fact]
    public void Every_device_every_room_and_every_refusal_is_spoken_of()
    {
        var examples = Enum.GetValues<Slice>().SelectMany(slice => Drawn(slice, 4000)).ToList();
        var commands = examples.SelectMany(example => example.Answer.Commands).ToList();
        Assert.Empty(Home.Devices.Select(device => device.Name).Except(commands.Select(command => command.Device)));
        Assert.Empty(Home.Rooms.Select(room => room.Name).Append(Command.EveryRoom).Except(commands.Select(command => command.Room)));
        Assert.Empty(Refusals.All.Except(examples.Select(example => example.Answer.Refusal)));
    }

    private static IEnumerable<Example> Drawn(Slice slice, int count) =>
        Enumerable.Range(0, count).Select(index => ExampleSampler.Sample(slice, SplitMix64.SeedOf(70 + (ulong)slice, index)));
}
