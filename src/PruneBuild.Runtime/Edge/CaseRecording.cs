using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace PruneBuild.Runtime;

/// <summary>
/// Some cases and what a model answered to them on one machine, as a file that travels: recorded where the artifact was built, replayed
/// on the device, compared case by case. The file is eight bytes that say what it is, the length of the description (32 bits), the
/// description (JSON), inputs and outputs (float32), and the SHA-256 of all that; numbers are little-endian.
/// </summary>
public sealed class CaseRecording
{
    private const int LongestDescription = 64 << 20;
    private static ReadOnlySpan<byte> Magic => "PBCASES1"u8;

    private readonly float[] inputs;
    private readonly float[] outputs;

    /// <param name="description">What was recorded.</param>
    /// <param name="inputs">[cases, inputs of a case], row-major.</param>
    /// <param name="outputs">[cases, outputs of a case], row-major.</param>
    /// <exception cref="EdgeModelException">PB6108: the sizes do not fit the description.</exception>
    public CaseRecording(CaseRecordingDescription description, float[] inputs, float[] outputs)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        description.Validate();
        if (inputs.LongLength != description.InputValues || outputs.LongLength != description.OutputValues)
            throw Invalid($"{inputs.Length} inputs and {outputs.Length} outputs do not fit {description.Ids.Count} cases of {description.ElementsPerCase} and {description.OutputsPerCase}");
        (Description, this.inputs, this.outputs) = (description, inputs, outputs);
    }

    /// <summary>What was recorded, and where.</summary>
    public CaseRecordingDescription Description { get; }

    /// <summary>Number of cases.</summary>
    public int Count => Description.Ids.Count;

    /// <summary>All inputs, [cases, inputs of a case].</summary>
    public ReadOnlySpan<float> Inputs => inputs;

    /// <summary>What the model answered to a case.</summary>
    public ReadOnlySpan<float> Outputs(int index) => outputs.AsSpan(index * Description.OutputsPerCase, Description.OutputsPerCase);

    /// <summary>Reads and checks a recording.</summary>
    /// <exception cref="EdgeModelException">PB6108: no such file, not a recording, damaged, or cut short.</exception>
    public static CaseRecording Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EdgeModelException(EdgeModelException.RecordingInvalid, $"The recording '{path}' cannot be read: {exception.Message}", exception);
        }
        try
        {
            return Parse(bytes);
        }
        catch (EdgeModelException exception) when (exception.Code == EdgeModelException.RecordingInvalid)
        {
            throw new EdgeModelException(EdgeModelException.RecordingInvalid, $"'{path}': {exception.Message}", exception);
        }
    }

    /// <summary>Reads a recording from memory.</summary>
    /// <exception cref="EdgeModelException">PB6108.</exception>
    public static CaseRecording Parse(ReadOnlySpan<byte> bytes)
    {
        var start = Magic.Length + sizeof(int);
        if (bytes.Length < start + SHA256.HashSizeInBytes || !bytes.StartsWith(Magic))
            throw Invalid("this is no recording of cases");
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[Magic.Length..]);
        if (length is < 0 or > LongestDescription || length > bytes.Length - start - SHA256.HashSizeInBytes)
            throw Invalid($"its description cannot have {length} bytes");
        var content = bytes[..^SHA256.HashSizeInBytes];
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw Invalid("it is damaged: its SHA-256 is another");

        CaseRecordingDescription description;
        try
        {
            description = JsonSerializer.Deserialize(bytes.Slice(start, length), ArtifactManifestJson.Default.CaseRecordingDescription)
                ?? throw Invalid("its description is empty");
        }
        catch (JsonException exception)
        {
            throw new EdgeModelException(EdgeModelException.RecordingInvalid, $"its description cannot be read: {exception.Message}", exception);
        }
        description.Validate();
        var values = content[(start + length)..];
        if (values.Length != (description.InputValues + description.OutputValues) * sizeof(float))
            throw Invalid($"it holds {values.Length} bytes of numbers; its description asks for {(description.InputValues + description.OutputValues) * sizeof(float)}");
        var split = (int)description.InputValues * sizeof(float);
        return new CaseRecording(description, Floats(values[..split]), Floats(values[split..]));
    }

    /// <summary>Writes the recording: to a temporary name first, then in place.</summary>
    public void Save(string path)
    {
        var temporary = path + ".tmp";
        using (var file = File.Create(temporary))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            void Write(ReadOnlySpan<byte> bytes)
            {
                hash.AppendData(bytes);
                file.Write(bytes);
            }
            var description = JsonSerializer.SerializeToUtf8Bytes(Description, ArtifactManifestJson.Default.CaseRecordingDescription);
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, description.Length);
            Write(Magic);
            Write(length);
            Write(description);
            Write(Bytes(inputs));
            Write(Bytes(outputs));
            file.Write(hash.GetHashAndReset());
        }
        File.Move(temporary, path, overwrite: true);
    }

    internal static EdgeModelException Invalid(string reason) => new(EdgeModelException.RecordingInvalid, reason);

    private static float[] Floats(ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return values;
    }

    private static ReadOnlySpan<byte> Bytes(float[] values)
    {
        if (BitConverter.IsLittleEndian)
            return MemoryMarshal.AsBytes<float>(values);
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }
}
