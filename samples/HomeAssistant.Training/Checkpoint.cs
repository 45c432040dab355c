using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>Where a training stands: steps, examples drawn, and the buffers of weights and optimizer.</summary>
internal static class Checkpoint
{
    public static void Save(string file, int step, int examples, params ReadOnlySpan<Tensor> buffers)
    {
        using (var stream = File.Create(file + ".part"))
        {
            stream.Write(BitConverter.GetBytes(step));
            stream.Write(BitConverter.GetBytes(examples));
            foreach (var buffer in buffers)
                stream.Write(MemoryMarshal.AsBytes(buffer.detach().data<float>().ToArray().AsSpan()));
        }
        File.Move(file + ".part", file, overwrite: true);
    }

    public static (int Step, int Examples) Load(string file, params ReadOnlySpan<Tensor> buffers)
    {
        using var noGradient = no_grad();
        using var stream = File.OpenRead(file);
        var numbers = new byte[8];
        stream.ReadExactly(numbers);
        foreach (var buffer in buffers)
        {
            var values = new float[buffer.numel()];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            using var read = tensor(values);
            buffer.copy_(read);
        }
        return (BitConverter.ToInt32(numbers), BitConverter.ToInt32(numbers, 4));
    }
}
