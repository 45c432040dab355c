using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PruneBuild.Runtime.Text;

/// <summary>Finds out whether a model appends to its cache in place, where no file says so, by one token behind a cache with room for more.</summary>
internal static class CacheProbe
{
    private const int Room = 8;

    /// <summary>Whether the cache that comes out is no longer than the one with room that went in; a model that concatenates adds a position.</summary>
    public static bool AppendsInPlace(InferenceSession session, DecoderSignature signature)
    {
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            long[] one = [1];
            inputs[signature.Ids] = OrtValue.CreateTensorValueFromMemory<long>([0], [1, 1]);
            if (signature.Mask is { } mask)
                inputs[mask] = OrtValue.CreateTensorValueFromMemory(one, [1, 1]);
            if (signature.Positions is { } positions)
                inputs[positions] = OrtValue.CreateTensorValueFromMemory<long>([0], [1, 1]);
            foreach (var tensor in signature.Cache)
                inputs[tensor.Past] = Zeros(tensor);
            using var run = new RunOptions();
            using var results = session.Run(run, inputs, [signature.Cache[0].Present]);
            return results[0].GetTensorTypeAndShape().Shape[2] == Room;
        }
        catch (OnnxRuntimeException)
        {
            // A mask shorter than a concatenated cache is an error of shapes there.
            return false;
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    private static OrtValue Zeros(CachedTensor tensor)
    {
        long[] shape = [1, tensor.Heads, Room, tensor.HeadSize];
        var count = tensor.Heads * Room * tensor.HeadSize;
        return tensor.Type == TensorElementType.Float
            ? OrtValue.CreateTensorValueFromMemory(new float[count], shape) : OrtValue.CreateTensorValueFromMemory(new Float16[count], shape);
    }
}
