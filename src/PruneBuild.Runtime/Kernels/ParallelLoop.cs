namespace PruneBuild.Runtime;

/// <summary>Runs independent parts of one multiplication, on whatever threads the host lends.</summary>
internal unsafe interface IParallelLoop
{
    /// <summary>Calls <c>body(state, i)</c> for every i below <paramref name="count"/> and returns when all are done.</summary>
    void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state);
}

/// <summary>Runs every part on the calling thread.</summary>
internal readonly struct SerialLoop : IParallelLoop
{
    public unsafe void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state)
    {
        for (var i = 0; i < count; i++)
            body(state, (nuint)i);
    }
}
