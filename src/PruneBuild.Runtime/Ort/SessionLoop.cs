namespace PruneBuild.Runtime;

/// <summary>The thread pool of the session that runs a node.</summary>
/// <param name="context">The node's OrtKernelContext.</param>
internal readonly unsafe struct SessionLoop(void* context) : IParallelLoop
{
    private readonly void* context = context;

    public void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state) =>
        OrtApi.ParallelFor(context, body, (nuint)count, state);
}
