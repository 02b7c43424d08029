import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type ProcessTree, watchProcessTree } from './processTree.ts';

/** A program that is measured: it answers each line with a line of JSON. */
export interface Contestant<Answer> {
  ask(line: string): Promise<Answer>;
  /** What it uses. */
  tree: ProcessTree;
  end(): void;
}

export function startContestant<Answer>(program: string, args: string[]): Contestant<Answer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const tree = watchProcessTree(child.pid ?? 0);
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`${program} ended with code ${code}:\n${stderr.slice(-2000)}`)));
  });
  ended.catch(() => {}); // after its end nobody asks any more
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await Promise.race([lines.next(), ended]);
      return done ? ended : JSON.parse(value);
    },
    tree,
    end() {
      tree.end();
      child.stdin.end();
    },
  };
}
