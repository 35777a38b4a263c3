import { Problem } from './problem.ts'

/** Runs a command; what goes wrong is printed in one message, and the exit code says so. */
export async function report(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    console.error(error instanceof Problem ? `\n✗ ${error.message}` : error)
    process.exitCode = 1
  }
}
