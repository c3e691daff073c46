import { execFileSync } from "node:child_process";

/** How to start a child as the operating-system user `postgres`; empty when we are not root and PostgreSQL runs as we do. */
export interface OsUser {
  uid?: number;
  gid?: number;
}

/** PostgreSQL refuses to run as root, so root gets an OS user `postgres` (made when missing). */
export function postgresOsUser(): OsUser {
  if (process.getuid?.() !== 0) return {};
  const id = (option: string) => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8", stdio: "pipe" }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    createUser();
    return { uid: id("-u"), gid: id("-g") };
  }
}

function createUser(): void {
  const commands: [string, string[]][] = [
    ["useradd", ["--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", "postgres"]],
    ["adduser", ["-S", "-D", "-H", "postgres"]], // Alpine, BusyBox
  ];
  for (const [command, args] of commands) {
    try {
      execFileSync(command, args, { stdio: "pipe" });
      return;
    } catch {
      // the next one
    }
  }
  throw new Error(
    "PostgreSQL não roda como root e não foi possível criar o usuário `postgres` do sistema. Crie-o ou rode como outro usuário.",
  );
}

/** True when `user` can enter `dir` (every folder above it included). */
export function canEnter(dir: string, user: OsUser): boolean {
  if (user.uid === undefined) return true;
  try {
    execFileSync("test", ["-x", dir], { ...user, cwd: "/", stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
