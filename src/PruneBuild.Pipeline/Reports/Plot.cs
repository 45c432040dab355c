using System.Globalization;
using System.Xml;

namespace PruneBuild.Pipeline;

/// <summary>A point of a line, with what a viewer shows when the pointer rests on it.</summary>
internal readonly record struct PlotPoint(double X, double Y, string Label);

/// <summary>A line of a plot.</summary>
/// <param name="Name">For the legend; empty for none.</param>
/// <param name="Color">As SVG writes it.</param>
/// <param name="Points">In drawing order.</param>
internal sealed record PlotLine(string Name, string Color, IReadOnlyList<PlotPoint> Points)
{
    /// <summary>Written at the last point; empty for nothing.</summary>
    public string EndLabel { get; init; } = "";
}

/// <summary>Lines over one pair of axes from 0 up.</summary>
/// <param name="Title">Above the plot.</param>
/// <param name="Horizontal">What the horizontal axis counts.</param>
/// <param name="Ticks">Places on the horizontal axis and what is written there.</param>
/// <param name="Lines">The lines.</param>
internal sealed record Plot(string Title, string Horizontal, IReadOnlyList<(double X, string Label)> Ticks, IReadOnlyList<PlotLine> Lines)
{
    private const int Width = 900;
    private const int Height = 360;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 50;
    private const int Bottom = 45;
    private const int Steps = 5;

    /// <summary>Writes plots below each other into one SVG file.</summary>
    public static void Save(string path, IReadOnlyList<Plot> plots)
    {
        using var writer = XmlWriter.Create(path, new XmlWriterSettings { Indent = true, NewLineChars = "\n" });
        writer.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(writer, ("width", Width), ("height", Height * plots.Count), ("font-family", "sans-serif"), ("font-size", 12));
        Element(writer, "rect", null, ("width", "100%"), ("height", "100%"), ("fill", "white"));
        for (var index = 0; index < plots.Count; index++)
        {
            writer.WriteStartElement("g");
            Attributes(writer, ("transform", $"translate(0 {index * Height})"));
            plots[index].Write(writer);
            writer.WriteEndElement();
        }
        writer.WriteEndElement();
    }

    private void Write(XmlWriter writer)
    {
        var points = Lines.SelectMany(line => line.Points).ToList();
        var (mostX, mostY) = (points.Select(point => point.X).Concat(Ticks.Select(tick => tick.X)).DefaultIfEmpty(0).Max(), points.Select(point => point.Y).DefaultIfEmpty(0).Max());
        double X(double value) => Left + ((Width - Left - Right) * (mostX > 0 ? value / mostX : 0));
        double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * (mostY > 0 ? value / mostY : 0));
        Element(writer, "text", Title, ("x", Left), ("y", 20), ("font-size", 15));
        Element(writer, "text", Horizontal, ("x", Width - Right), ("y", Height - 6), ("text-anchor", "end"));
        foreach (var (x, label) in Ticks)
        {
            Element(writer, "line", null, ("x1", X(x)), ("x2", X(x)), ("y1", Height - Bottom), ("y2", Height - Bottom + 5), ("stroke", "#999999"));
            Element(writer, "text", label, ("x", X(x)), ("y", Height - Bottom + 18), ("text-anchor", X(x) > Width - Right - 40 ? "end" : x > 0 ? "middle" : "start"));
        }
        for (var step = 0; step <= Steps; step++)
        {
            var value = mostY * step / Steps;
            Element(writer, "line", null, ("x1", Left), ("x2", Width - Right), ("y1", Y(value)), ("y2", Y(value)), ("stroke", "#dddddd"));
            Element(writer, "text", value.ToString("0.000", CultureInfo.InvariantCulture), ("x", Left - 8), ("y", Y(value) + 4), ("text-anchor", "end"));
        }
        var legend = Left;
        foreach (var line in Lines)
        {
            Element(writer, "polyline", null, ("fill", "none"), ("stroke", line.Color),
                ("points", string.Join(' ', line.Points.Select(point => $"{Number(X(point.X))},{Number(Y(point.Y))}"))));
            foreach (var point in line.Points)
            {
                writer.WriteStartElement("circle");
                Attributes(writer, ("cx", X(point.X)), ("cy", Y(point.Y)), ("r", 3), ("fill", line.Color));
                Element(writer, "title", $"{point.Label}: {point.Y.ToString("0.0000", CultureInfo.InvariantCulture)}");
                writer.WriteEndElement();
            }
            if (line.EndLabel.Length > 0 && line.Points.Count > 0)
                Element(writer, "text", line.EndLabel, ("x", X(line.Points[^1].X)), ("y", Y(line.Points[^1].Y) - 7), ("text-anchor", "end"), ("fill", line.Color));
            if (line.Name.Length == 0)
                continue;
            Element(writer, "text", line.Name, ("x", legend), ("y", 38), ("fill", line.Color));
            legend += 120;
        }
    }

    private static void Element(XmlWriter writer, string name, string? text, params (string Name, object Value)[] attributes)
    {
        writer.WriteStartElement(name);
        Attributes(writer, attributes);
        if (text is not null)
            writer.WriteString(text);
        writer.WriteEndElement();
    }

    private static void Attributes(XmlWriter writer, params (string Name, object Value)[] attributes)
    {
        foreach (var (name, value) in attributes)
            writer.WriteAttributeString(name, value is double number ? Number(number) : Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
