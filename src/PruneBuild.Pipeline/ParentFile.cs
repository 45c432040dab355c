using PruneBuild.Diagnostics;
using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Pipeline;

/// <summary>A dense parent as an ONNX file outside a build: itself, or the import of a folder, which goes again.</summary>
public sealed class ParentFile : IDisposable
{
    private readonly DirectoryInfo? imported;

    private ParentFile(string path, DirectoryInfo? imported) => (Path, this.imported) = (path, imported);

    /// <summary>The ONNX file.</summary>
    public string Path { get; }

    /// <summary>Opens a model.</summary>
    /// <param name="model">An ONNX file or a folder in Hugging Face layout.</param>
    /// <exception cref="PruneBuildException">PB2001: it does not exist. Of a folder as <see cref="ModelFolder.Import"/>.</exception>
    public static ParentFile Open(string model)
    {
        if (!ParentModel.IsFolder(model))
            return File.Exists(model) ? new ParentFile(model, null) : throw new PruneBuildException("PB2001", model);
        var folder = Directory.CreateTempSubdirectory("prunebuild-import-");
        try
        {
            ModelFolder.Import(System.IO.Path.GetFullPath(model), folder.FullName);
            return new ParentFile(System.IO.Path.Combine(folder.FullName, ImportedFiles.ModelFile), folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => imported?.Delete(recursive: true);
}
