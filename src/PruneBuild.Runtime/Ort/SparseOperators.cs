using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime;

/// <summary>Teaches ONNX Runtime sessions the operators of the domain <c>prunebuild</c>. Pure C#: there is no native library to ship.</summary>
public static unsafe class SparseOperators
{
    /// <summary>An ONNX model y = Identity(x) of one float, opset 13.</summary>
    private static readonly byte[] Smallest = Convert.FromBase64String(
        "CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN");

    private static readonly nint Domain = CreateDomain();

    /// <summary>Registers <c>prunebuild.SparseMatMul</c>, <c>prunebuild.SparseConv</c> and <c>prunebuild.GroupQueryAttention</c> with the sessions made from these options.</summary>
    /// <exception cref="PlatformNotSupportedException">The native ONNX Runtime is older than 1.17.</exception>
    public static void Register(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OrtApi.AddDomain(options.DangerousGetHandle(), (void*)Domain);
        GC.KeepAlive(options);
    }

    /// <summary>Sessions keep pointers to the domain, so it is made once and never released.</summary>
    private static nint CreateDomain()
    {
        var domain = OrtApi.CreateCustomOpDomain(RuntimeOperator.Domain);
        OrtApi.AddOperator(domain, SparseMatMul.Describe());
        OrtApi.AddOperator(domain, SparseConv.Describe());
        OrtApi.AddOperator(domain, GroupQueryAttention.Describe());
        // ONNX Runtime notes a domain with the first session that has it, without a lock: two first sessions at once would
        // collide. This one session, made before anybody else can have the domain, settles it.
        using var options = new SessionOptions();
        OrtApi.AddDomain(options.DangerousGetHandle(), domain);
        using var session = new InferenceSession(Smallest, options);
        return (nint)domain;
    }
}
