using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Tests.Kernels;

/// <summary>Which end of the bytes touches a page that nobody may touch.</summary>
public enum GuardedEnd
{
    First,
    Last,
}

/// <summary>Bytes between two pages without any access: a read or write one byte outside ends the test process. Linux only.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private static readonly nint Page = Environment.SystemPageSize;

    private readonly byte* pages;
    private readonly nint length;

    /// <param name="bytes">Zeros at first.</param>
    /// <param name="end">The end that touches its guard; the other one lies up to a page away from it.</param>
    public GuardedMemory(nint bytes, GuardedEnd end)
    {
        Skips.Unless(OperatingSystem.IsLinux(), "Guard pages are made with Linux system calls.");
        var inner = (bytes + Page - 1) / Page * Page;
        length = inner + 2 * Page;
        pages = Map(null, length, 0, PrivateAnonymous, -1, 0);
        if ((nint)pages == -1 || Protect(pages + Page, inner, ReadWrite) != 0)
            throw new InvalidOperationException($"Cannot map {length} bytes.");
        Start = pages + Page + (end == GuardedEnd.First ? 0 : inner - bytes);
        Bytes = bytes;
    }

    public byte* Start { get; }

    public nint Bytes { get; }

    /// <summary>A copy of the values.</summary>
    public static GuardedMemory Of<T>(ReadOnlySpan<T> values, GuardedEnd end) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var memory = new GuardedMemory(bytes.Length, end);
        bytes.CopyTo(new(memory.Start, bytes.Length));
        return memory;
    }

    /// <summary>The bytes as elements.</summary>
    public Span<T> As<T>() where T : unmanaged => new(Start, (int)(Bytes / Unsafe.SizeOf<T>()));

    public void Dispose() => _ = Unmap(pages, length);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nint length);
}
