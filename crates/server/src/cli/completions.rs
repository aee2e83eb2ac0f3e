//! `hereabouts completions`: a script with which a shell completes commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CommandLine;

/// The flags of `completions`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  source <(hereabouts completions bash)
  hereabouts completions zsh > ~/.zfunc/_hereabouts
  hereabouts completions fish > ~/.config/fish/completions/hereabouts.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) {
        clap_complete::generate(
            self.shell,
            &mut CommandLine::command(),
            "hereabouts",
            &mut std::io::stdout(),
        );
    }
}
