namespace PruneBuild.Runtime.Tests;

public sealed class SimultaneousSessionsTests
{
    [Fact]
    public void Sessions_may_be_opened_on_many_threads_at_once()
    {
        var path = Path.Combine(Path.GetTempPath(), $"prunebuild-{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, Convert.FromBase64String("CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN"));
        try
        {
            Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => ModelSession.Open(path, 1).Dispose());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
