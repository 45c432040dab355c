using System.Reflection;
using System.Reflection.Emit;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Custom;

/// <summary>Writes assemblies as a user's build would.</summary>
internal static class ScorerAssembly
{
    /// <summary>One public class a scorer: its name, and the score it gives, or null where it throws.</summary>
    public static void Write(string path, params (string Name, double? Score)[] scorers)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(Path.GetFileNameWithoutExtension(path)), typeof(object).Assembly);
        var module = assembly.DefineDynamicModule("scorers");
        for (var i = 0; i < scorers.Length; i++)
        {
            var type = module.DefineType($"House.Scorer{i}", TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Sealed, typeof(object), [typeof(ICustomScorer)]);
            type.DefineDefaultConstructor(MethodAttributes.Public);
            var name = Implement(type, typeof(ICustomScorer).GetProperty(nameof(ICustomScorer.Name))!.GetMethod!);
            name.Emit(OpCodes.Ldstr, scorers[i].Name);
            name.Emit(OpCodes.Ret);
            var score = Implement(type, typeof(ICustomScorer).GetMethod(nameof(ICustomScorer.Score))!);
            if (scorers[i].Score is { } value)
            {
                score.Emit(OpCodes.Ldc_R8, value);
                score.Emit(OpCodes.Ret);
            }
            else
            {
                score.Emit(OpCodes.Ldstr, "no rules loaded");
                score.Emit(OpCodes.Newobj, typeof(InvalidOperationException).GetConstructor([typeof(string)])!);
                score.Emit(OpCodes.Throw);
            }
            type.CreateType();
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        assembly.Save(path);
    }

    private static ILGenerator Implement(TypeBuilder type, MethodInfo declared)
    {
        var method = type.DefineMethod(
            declared.Name,
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            declared.ReturnType,
            [.. declared.GetParameters().Select(parameter => parameter.ParameterType)]);
        type.DefineMethodOverride(method, declared);
        return method.GetILGenerator();
    }
}
