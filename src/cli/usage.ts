/** What `syncline --help` prints. */
export const usage = `Usage: syncline <command> [options]

Commands:
  serve    run a server for development or a small team

Options of serve:
  --port <number>      port to listen on, 0 for any free one (default 8080)
  --host <address>     address to listen on (default 127.0.0.1)
  --database <file>    SQLite file, or :memory: (default ./.syncline/server.db)
  --restored           the database was put back from a backup: begin a new epoch,
                       once, so that clients fetch everything anew
  --origin <origin>    origin that may call from a browser, repeatable; * for any
  --token <token>      the token that clients must send; better in SYNCLINE_TOKEN,
                       where the list of processes does not show it

  --help               show this
`;

/** The command line cannot be carried out as it stands. */
export class UsageError extends Error {}
