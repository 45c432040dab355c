using System.CommandLine;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild ledger relax|waive|show</c>: decisions about floors, with a reason, in a file that only grows.</summary>
internal static class LedgerCommand
{
    private const string Floor = "floor";

    public static Command Create() => new("ledger", "Records decisions about the floors of a locked harness.") { Relax(), Waive(), Show() };

    private static Command Relax()
    {
        var (floor, reason, harness) = (FloorArgument(), Reason(), HarnessOption.Create());
        var command = new Command("relax", "Accepts that a floor is looser than locked, as the harness now has it.") { floor, reason, harness };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var (loaded, ledger) = Load(parsed.GetValue(harness)!);
            var name = Path.GetFileName(loaded.File);
            var id = parsed.GetValue(floor)!;
            var before = ledger.LastLock(name)?.Floors ?? throw Invalid(id, "the harness is not locked");
            var looser = LockCheck.Looser(loaded, before, ledger.Relaxations(name));
            if (looser.FirstOrDefault(one => one.Name == id).How is not { } how)
                throw Invalid(id, looser.Count == 0 ? "no floor is looser than locked" : $"looser than locked: {string.Join(", ", looser.Select(one => one.Name))}");
            ledger.Append(new LedgerEntry(Waivers.Text(HarnessOption.Today), name, LedgerKind.Relax)
            {
                Floor = id,
                Reason = parsed.GetValue(reason),
                Approved = LockedFloor.Of(loaded).FirstOrDefault(one => one.Floor == id),
            });
            parsed.InvocationConfiguration.Output.WriteLine($"relaxed {id}: {how}");
        }));
        return command;
    }

    private static Command Waive()
    {
        var (floor, reason, harness) = (FloorArgument(), Reason(), HarnessOption.Create());
        var until = new Option<string>("--until") { Description = "Last day of the waiver, such as 2026-12-31.", Required = true };
        var command = new Command("waive", "Lets a floor be missed up to a day; afterwards the build fails again.") { floor, until, reason, harness };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var (loaded, ledger) = Load(parsed.GetValue(harness)!);
            var (id, last) = (parsed.GetValue(floor)!, parsed.GetValue(until)!);
            if (Waivers.Day(last) is not { } day || day < HarnessOption.Today)
                throw new PruneBuildException("PB1012", last, "--until", "a day from today on is expected, such as 2026-12-31");
            var known = Known(loaded);
            if (!known.Contains(id))
                throw Invalid(id, $"known: {string.Join(", ", known)}");
            ledger.Append(new LedgerEntry(Waivers.Text(HarnessOption.Today), Path.GetFileName(loaded.File), LedgerKind.Waive)
            {
                Floor = id,
                Reason = parsed.GetValue(reason),
                Until = last,
            });
            parsed.InvocationConfiguration.Output.WriteLine($"waived {id} until {last}");
        }));
        return command;
    }

    private static Command Show()
    {
        var harness = HarnessOption.Create();
        var command = new Command("show", "Checks the chain of the ledger and lists its entries.") { harness };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var ledger = Ledger.Load(Ledger.PathOf(HarnessOption.Existing(parsed.GetValue(harness)!)));
            foreach (var entry in ledger.Entries)
                parsed.InvocationConfiguration.Output.WriteLine(Line(entry));
        }));
        return command;
    }

    private static string Line(LedgerEntry entry) => $"{entry.Date}  {entry.Harness}  " + entry.Kind switch
    {
        LedgerKind.Relax => $"relax {entry.Floor}: {entry.Reason}",
        LedgerKind.Waive => $"waive {entry.Floor} until {entry.Until}: {entry.Reason}",
        _ => $"lock {entry.Lock}, {entry.Floors?.Count} floors",
    };

    private static List<string> Known(Harness harness) =>
        [.. harness.Floors.Select(floor => floor.Id), .. CaseSet.Load(harness).Critical.Select(critical => $"critical/{critical.Id}")];

    private static (Harness Harness, Ledger Ledger) Load(FileInfo file)
    {
        var harness = Harness.Load(HarnessOption.Existing(file));
        return (harness, Ledger.Load(Ledger.PathOf(harness.File)));
    }

    private static Argument<string> FloorArgument() => new(Floor) { Description = "Name of the floor, such as accuracy/edge/maxDrop, or critical/ID of a case." };

    private static Option<string> Reason()
    {
        var reason = new Option<string>("--reason") { Description = "Why.", Required = true };
        reason.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
                result.AddError("A reason is expected.");
        });
        return reason;
    }

    private static PruneBuildException Invalid(string floor, string reason) => new("PB1012", floor, Floor, reason);
}
