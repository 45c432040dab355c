using System.Runtime.InteropServices;
using System.Text;

namespace PruneBuild.Runtime;

/// <summary>
/// The part of the ONNX Runtime C API that a custom operator needs and the managed package does not expose.
/// The API is an append-only table of function pointers, so a constant index per function holds for every later version.
/// </summary>
internal static unsafe class OrtApi
{
    /// <summary>The lowest API that has everything used here (1.17: V2 callbacks and ParallelFor); later runtimes still serve it.</summary>
    public const uint Version = 17;

    public const int Fail = 1;
    public const int InvalidArgument = 2;
    public const int InvalidGraph = 10;

    private static readonly void** Table = LoadTable();

    public static void* CreateStatus(int code, string message)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(message + "\0"))
            return ((delegate* unmanaged[Cdecl]<int, byte*, void*>)Table[0])(code, text);
    }

    /// <summary>Turns a failed status into an exception and releases it.</summary>
    public static void Check(void* status)
    {
        if (status == null)
            return;
        var message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<void*, byte*>)Table[2])(status));
        ReleaseStatus(status);
        throw new InvalidOperationException(message);
    }

    private static void ReleaseStatus(void* status) => ((delegate* unmanaged[Cdecl]<void*, void>)Table[93])(status);

    public static void* CreateCustomOpDomain(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            void* domain;
            Check(((delegate* unmanaged[Cdecl]<byte*, void**, void*>)Table[26])(text, &domain));
            return domain;
        }
    }

    public static void AddOperator(void* domain, OrtCustomOp* op) =>
        Check(((delegate* unmanaged[Cdecl]<void*, OrtCustomOp*, void*>)Table[27])(domain, op));

    public static void AddDomain(nint sessionOptions, void* domain) =>
        Check(((delegate* unmanaged[Cdecl]<nint, void*, void*>)Table[28])(sessionOptions, domain));

    public static long IntegerAttribute(void* info, string name) =>
        IntegerAttribute(info, name, null) ?? throw new InvalidDataException($"The attribute {name} is missing.");

    /// <summary>An integer, or <paramref name="absent"/> when the node has none of that name.</summary>
    public static long? IntegerAttribute(void* info, string name, long? absent)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            long value;
            var status = ((delegate* unmanaged[Cdecl]<void*, byte*, long*, void*>)Table[86])(info, text, &value);
            if (status == null)
                return value;
            ReleaseStatus(status);
            return absent;
        }
    }

    /// <summary>A number, or <paramref name="absent"/> when the node has none of that name.</summary>
    public static float FloatAttribute(void* info, string name, float absent)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            float value;
            var status = ((delegate* unmanaged[Cdecl]<void*, byte*, float*, void*>)Table[85])(info, text, &value);
            if (status == null)
                return value;
            ReleaseStatus(status);
            return absent;
        }
    }

    /// <summary>A string attribute, or <paramref name="absent"/> when the node has none of that name.</summary>
    public static string StringAttribute(void* info, string name, string absent)
    {
        var read = (delegate* unmanaged[Cdecl]<void*, byte*, byte*, nuint*, void*>)Table[87];
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            nuint size = 0;
            var status = read(info, text, null, &size);
            if (status != null)
            {
                ReleaseStatus(status);
                return absent;
            }

            var buffer = new byte[size];
            fixed (byte* target = buffer)
                Check(read(info, text, target, &size));
            return Encoding.UTF8.GetString(buffer).TrimEnd('\0');
        }
    }

    /// <summary>A list of integers, or <paramref name="absent"/> when the node has none of that name.</summary>
    public static long[] IntegersAttribute(void* info, string name, long[] absent)
    {
        var read = (delegate* unmanaged[Cdecl]<void*, byte*, long*, nuint*, void*>)Table[163];
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            nuint count = 0;
            var status = read(info, text, null, &count);
            if (status != null)
            {
                ReleaseStatus(status);
                return absent;
            }

            var values = new long[count];
            fixed (long* target = values)
                Check(read(info, text, target, &count));
            return values;
        }
    }

    /// <summary>The tensor of an input that is an initializer, else null. It lives as long as the session.</summary>
    public static void* ConstantInput(void* info, nuint index)
    {
        int isConstant;
        void* value;
        Check(((delegate* unmanaged[Cdecl]<void*, nuint, int*, void**, void*>)Table[249])(info, index, &isConstant, &value));
        return isConstant == 0 ? null : value;
    }

    // The short calls below keep the thread in managed mode: they neither block nor call back.
    public static nuint InputCount(void* context)
    {
        nuint count;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint*, void*>)Table[88])(context, &count));
        return count;
    }

    public static void* Input(void* context, nuint index)
    {
        void* value;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, void**, void*>)Table[90])(context, index, &value));
        return value;
    }

    /// <summary>An input that the node may leave out, or null.</summary>
    public static void* OptionalInput(void* context, nuint index) => InputCount(context) > index ? Input(context, index) : null;

    public static void* Output(void* context, nuint index, long* dimensions, nuint rank)
    {
        void* value;
        Check(((delegate* unmanaged[Cdecl]<void*, nuint, long*, nuint, void**, void*>)Table[91])(context, index, dimensions, rank, &value));
        return value;
    }

    public static void* Data(void* value)
    {
        void* data;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void**, void*>)Table[51])(value, &data));
        return data;
    }

    /// <summary>Writes up to <paramref name="capacity"/> dimensions and returns the rank.</summary>
    public static int Shape(void* value, long* dimensions, int capacity)
    {
        void* shape;
        Check(((delegate* unmanaged[Cdecl]<void*, void**, void*>)Table[65])(value, &shape));
        nuint rank;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint*, void*>)Table[61])(shape, &rank));
        if ((int)rank <= capacity)
            Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long*, nuint, void*>)Table[62])(shape, dimensions, rank));
        ((delegate* unmanaged[Cdecl]<void*, void>)Table[99])(shape);
        return (int)rank;
    }

    /// <summary>Runs a loop on the session's own thread pool, the calling thread included.</summary>
    public static void ParallelFor(void* context, delegate* unmanaged[Cdecl]<void*, nuint, void> body, nuint count, void* state) =>
        Check(((delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, nuint, void>, nuint, nuint, void*, void*>)Table[274])(context, body, count, 0, state));

    private static void** LoadTable()
    {
        var table = ((delegate* unmanaged[Cdecl]<uint, void**>)OrtGetApiBase()[0])(Version);
        return table != null ? table : throw new PlatformNotSupportedException($"ONNX Runtime 1.{Version} or later is needed.");
    }

#pragma warning disable SYSLIB1054 // Use LibraryImport: the signature is blittable, there is nothing to generate.
    [DllImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern void** OrtGetApiBase();
#pragma warning restore SYSLIB1054
}
