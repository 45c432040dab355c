using System.CommandLine;
using PruneBuild.Worker;

var root = new RootCommand("PruneBuild: prunes, quantizes, lowers, evaluates and gates a model for one device.")
{
    StageCommand.Create(),
    PlanCommand.Create(),
    CalibrateCommand.Create(),
    LockCommand.Create(),
    LedgerCommand.Create(),
    DatasetCommand.Create(),
    PowerCommand.Create(),
    JudgeCommand.Create(),
    RecordCommand.Create(),
    CompareCommand.Create(),
    DoctorCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
