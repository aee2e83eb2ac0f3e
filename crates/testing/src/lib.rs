//! A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a free loopback port, ended by its pid.
//!
//! `cargo xtask test` starts one for the whole run and names it in `HEREABOUTS_TEST_POSTGRES`; a test that is run alone
//! starts its own.

use std::{
    fs, io,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where a server that runs already is named: an address without a database at its end.
pub const SHARED: &str = "HEREABOUTS_TEST_POSTGRES";
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct PostgresServer {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl PostgresServer {
    /// Starts one in `folder`, which must be new and of a name that nobody else has.
    ///
    /// # Errors
    /// Where PostgreSQL is not installed, or does not start.
    pub fn start(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let owner = owner()?;
        if let Some((uid, gid)) = owner {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let data = folder.join("data");
        let mut initdb = program("initdb", owner)?;
        initdb.current_dir(&folder).args([
            "--username=hereabouts",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        let made = initdb.arg("--pgdata").arg(&data).stderr(Stdio::piped()).output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Self::run(program("postgres", owner)?, &data, &folder, address)?;
        let mut server = Self { child, folder, address };
        server.wait_for_start()?;
        Ok(server)
    }

    fn run(mut command: Command, data: &Path, folder: &Path, address: SocketAddr) -> io::Result<Child> {
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
        command.arg("-D").arg(data).arg("-p").arg(address.port().to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "shared_buffers=16MB",
            "max_connections=200",
        ] {
            command.arg("-c").arg(setting);
        }
        command.stderr(fs::File::create(folder.join("log"))?).spawn()
    }

    fn wait_for_start(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        let is_ready = |folder: &Path| {
            fs::read_to_string(folder.join("log"))
                .is_ok_and(|log| log.contains("ready to accept connections"))
        };
        while !is_ready(&self.folder) || TcpStream::connect(self.address).is_err() {
            if self.child.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(io::Error::other(fs::read_to_string(self.folder.join("log"))?));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Ends it as a crash would, and every connection with it.
    pub fn stop(&mut self) {
        // SIGINT: break all connections and end in order.
        let _ = Command::new("kill").arg("-INT").arg(self.child.id().to_string()).status();
        let deadline = Instant::now() + STOP_LIMIT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it anew on the same data and the same port.
    pub fn start_again(&mut self) -> io::Result<()> {
        self.child =
            Self::run(program("postgres", owner()?)?, &self.folder.join("data"), &self.folder, self.address)?;
        self.wait_for_start()
    }

    /// Its address, with no database at the end.
    pub fn url(&self) -> String {
        format!("postgres://hereabouts@{}", self.address)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One of its programs, as the user it may run as.
fn program(name: &str, owner: Option<(u32, u32)>) -> io::Result<Command> {
    let mut command = Command::new(programs()?.join(name));
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    Ok(command)
}

/// The folder with the newest version's programs, where Debian puts them.
fn programs() -> io::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .map(|entry| entry.path())
        .filter(|path| version(path).is_some())
        .max_by_key(|it| version(it));
    let missing =
        || io::Error::new(io::ErrorKind::NotFound, "PostgreSQL is missing: apt-get install postgresql");
    Ok(newest.ok_or_else(missing)?.join("bin"))
}

/// Whom the server runs as, where this process is root: PostgreSQL refuses to be.
fn owner() -> io::Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|it| it[0] == "postgres");
    let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no user `postgres`");
    let fields = fields.ok_or_else(missing)?;
    let number = |at: usize| fields.get(at).and_then(|text| text.parse().ok()).ok_or_else(missing);
    Ok(Some((number(2)?, number(3)?)))
}
