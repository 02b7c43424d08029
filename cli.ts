import { constants } from 'node:os';
import { Command, CommanderError, type Option } from 'commander';
import { InputError } from '#core/errors.ts';
import { portNumber } from '#node/flags.ts';
import { packageInfo } from '#node/packageInfo.ts';
import { systemReason } from '#node/systemReason.ts';
import { addBenchCommands } from './bench/cli.ts';
import { addExportCommands } from './export/cli.ts';
import { addPrepareCommands } from './prepare/cli.ts';
import { addServingCommands } from './serving/cli.ts';
import { addReproduceCommand, addSetupCommand, addTrainCommand } from './training/cli.ts';

/** Commander asks for a missing flag before it looks at unknown ones; whoever mistyped it is told of that first. */
class Verb extends Command {
  override createCommand(name?: string): Verb {
    return new Verb(name);
  }

  missingMandatoryOptionValue(option: Option): void {
    const base = Command.prototype as unknown as Record<
      'unknownOption' | 'missingMandatoryOptionValue',
      (o: unknown) => void
    >;
    const unknown = this.args.find((argument) => argument.startsWith('-'));
    if (unknown) base.unknownOption.call(this, unknown);
    else base.missingMandatoryOptionValue.call(this, option);
  }
}

const program = new Verb('clapper')
  .version(packageInfo.version)
  .description(packageInfo.description)
  .exitOverride() // every verb inherits it: wrong usage becomes an exception
  .configureHelp({ showGlobalOptions: false });
addSetupCommand(program);
addPrepareCommands(program);
addTrainCommand(program);
addExportCommands(program);
addServingCommands(program);
addBenchCommands(program);
addReproduceCommand(program);

program
  .command('quickstart')
  .description('all of it on spoken and handwritten digits: train, export, verify, ask, serve')
  .option('--no-serve', 'end after asking')
  .option('--port <number>', 'to serve at (default: 3000)', portNumber)
  .action(async ({ serve, port }) => {
    const { quickstart } = await import('./quickstart.ts');
    process.exitCode = await quickstart({ serve, port });
  });

// Who reads the output may have seen enough (head, a pager): as the system ends other programs then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(128 + constants.signals.SIGPIPE);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** @returns the exit code: 0 help was asked for, 1 failed, 2 wrong usage. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has said why
  const reason = systemReason(error);
  if (error instanceof InputError) console.error(`error: ${error.message}`);
  else if (reason) console.error(`error: The system says: ${reason}. Mend it, then give the same command again.`);
  else console.error(error);
  return 1;
}
