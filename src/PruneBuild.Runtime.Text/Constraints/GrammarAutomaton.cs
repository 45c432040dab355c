using System.Runtime.InteropServices;

namespace PruneBuild.Runtime.Text;

/// <summary>A place in a part of a grammar, and what follows the part: a stack whose lower frames others share.</summary>
/// <param name="id">Its number.</param>
/// <param name="part">Where it is.</param>
/// <param name="at">Bytes, parts or times that are past.</param>
/// <param name="next">What follows; null for the end of the text.</param>
internal sealed class GrammarFrame(int id, GrammarPart part, int at, GrammarFrame? next)
{
    public int Id => id;

    public GrammarPart Part => part;

    public int At => at;

    public GrammarFrame? Next => next;
}

/// <summary>All places where a text may be. The same places are the same object, unless the automaton forgot them in between.</summary>
/// <param name="frames">Each waits for a byte; by number.</param>
/// <param name="canEnd">Whether the text may end here.</param>
/// <param name="classes">Of bytes.</param>
internal sealed class AutomatonState(IReadOnlyList<GrammarFrame> frames, bool canEnd, int classes)
{
    public IReadOnlyList<GrammarFrame> Frames => frames;

    public bool CanEnd => canEnd;

    /// <summary>The states behind the bytes of each class, as far as they were asked for.</summary>
    public AutomatonState?[] Following { get; } = new AutomatonState?[classes];

    /// <summary>The tokens that may follow, once they were asked for.</summary>
    public TokenMask? Mask { get; set; }
}

/// <summary>
/// Follows a grammar byte by byte as a pushdown automaton whose configurations are made on demand and kept: a byte that was read at a place
/// before costs a look into an array. Not for several threads.
/// </summary>
internal sealed class GrammarAutomaton
{
    /// <summary>Where options that begin alike contain themselves, the ways to read a text double with every level: this bounds them.</summary>
    private const long MostBytes = 256 << 20;

    // With their places in dictionaries.
    private const int FrameBytes = 100;
    private const int StateBytes = 200;
    private const int WaitingBytes = 16;

    private static readonly AutomatonState Nowhere = new([], canEnd: false, classes: 0);

    private readonly Grammar grammar;
    private readonly Dictionary<(GrammarPart Part, int At, GrammarFrame? Next), GrammarFrame> frames = [];
    private readonly Dictionary<string, AutomatonState> states = new(StringComparer.Ordinal);
    private readonly HashSet<GrammarFrame> visited = [];
    private readonly Stack<GrammarFrame?> open = [];
    private int nextId;
    private long stateBytes;

    public GrammarAutomaton(Grammar grammar) => this.grammar = grammar;

    /// <summary>Memory of what is kept, about.</summary>
    public long Bytes => stateBytes + ((long)frames.Count * FrameBytes);

    /// <summary>The state before the first byte.</summary>
    /// <exception cref="EdgeModelException">PB6115: there are too many ways to read what was written.</exception>
    public AutomatonState Start()
    {
        open.Push(Frame(grammar.Root, 0, null));
        return Close();
    }

    /// <summary>The state behind a byte, or null when it does not fit.</summary>
    /// <exception cref="EdgeModelException">PB6115: there are too many ways to read what was written.</exception>
    public AutomatonState? Next(AutomatonState state, byte value)
    {
        var byteClass = grammar.ClassOf(value);
        var next = state.Following[byteClass] ??= Step(state, grammar.MemberOf(byteClass));
        return ReferenceEquals(next, Nowhere) ? null : next;
    }

    /// <summary>Forgets all states, which gives their memory back, and gives the same state anew.</summary>
    public AutomatonState Forget(AutomatonState state)
    {
        Forget();
        return Keep(state.Frames, state.CanEnd);
    }

    private void Forget()
    {
        states.Clear();
        frames.Clear();
        open.Clear();
        stateBytes = 0;
    }

    private AutomatonState Step(AutomatonState state, byte value)
    {
        foreach (var frame in state.Frames)
        {
            if (frame.Part is LiteralPart literal && literal.Bytes[frame.At] == value)
                open.Push(frame.At + 1 < literal.Bytes.Length ? Frame(literal, frame.At + 1, frame.Next) : frame.Next);
            else if (frame.Part is ByteSetPart set && set.Contains(value))
                open.Push(frame.Next);
        }
        return open.Count == 0 ? Nowhere : Close();
    }

    /// <summary>Goes from the open frames on to those that wait for a byte.</summary>
    private AutomatonState Close()
    {
        var (waiting, canEnd) = (new List<GrammarFrame>(), false);
        visited.Clear();
        while (open.TryPop(out var frame))
        {
            if (frame is null)
                canEnd = true;
            else if (visited.Add(frame))
                Enter(frame, waiting);
        }
        waiting.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return waiting.Count == 0 && !canEnd ? Nowhere : Keep(waiting, canEnd);
    }

    private void Enter(GrammarFrame frame, List<GrammarFrame> waiting)
    {
        var (part, at, next) = (frame.Part, frame.At, frame.Next);
        switch (part)
        {
            case SequencePart:
                // Behind the last part its frame is of no use: a list that goes on in itself does not grow.
                open.Push(Frame(part.Parts[at], 0, at + 1 < part.Parts.Count ? Frame(part, at + 1, next) : next));
                break;
            case ChoicePart or DeferredPart:
                foreach (var option in part.Parts)
                    if (grammar.IsPossible(option))
                        open.Push(Frame(option, 0, next));
                break;
            case RepeatedPart repeated:
                var count = repeated.Most == RepeatedPart.Unlimited ? Math.Min(at + 1, repeated.Least) : at + 1;
                if (at < repeated.Most && grammar.IsPossible(part.Parts[0]))
                    open.Push(Frame(part.Parts[0], 0, count < repeated.Most ? Frame(part, count, next) : next));
                if (at >= repeated.Least)
                    open.Push(next);
                break;
            default:
                waiting.Add(frame);
                break;
        }
    }

    private GrammarFrame Frame(GrammarPart part, int at, GrammarFrame? next)
    {
        ref var frame = ref CollectionsMarshal.GetValueRefOrAddDefault(frames, (part, at, next), out var isKnown);
        if (isKnown)
            return frame!;
        var made = frame = new GrammarFrame(nextId++, part, at, next);
        Bound();
        return made;
    }

    private void Bound()
    {
        if (Bytes <= MostBytes)
            return;
        Forget();
        throw new EdgeModelException(
            EdgeModelException.GenerationInvalid, $"To follow the constraint takes more than {MostBytes >> 20} MB: what was written can be read in too many ways, as with options that begin alike and contain themselves.");
    }

    private AutomatonState Keep(IReadOnlyList<GrammarFrame> waiting, bool canEnd)
    {
        int[] key = [canEnd ? 1 : 0, .. waiting.Select(frame => frame.Id)];
        // A string compares fast and needs no comparer of its own.
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(states, new string(MemoryMarshal.Cast<int, char>(key)), out var isKnown);
        if (isKnown)
            return state!;
        var made = state = new AutomatonState(waiting, canEnd, grammar.Classes);
        stateBytes += StateBytes + ((long)grammar.Classes * sizeof(long)) + ((long)waiting.Count * WaitingBytes);
        Bound();
        return made;
    }
}
