//! Moving, opening and closing the vault, and what is shown of it.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, Shared, blocking, held, problems};
use crate::auth::passphrase;
use crate::base::secret::Secret;
use crate::failure::Failure;
use crate::model::snapshot::{VaultMode, VaultState, VaultView};
use crate::store::vault::{Vault, VaultError};

/// After the first wrong passphrase, on top of what trying one takes; after each further one twice as long.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

impl Engine {
    /// Keeps all logins, and all copies of them, in another way from now on.
    pub(super) async fn move_vault(&self, to: VaultMode, passphrase: Option<Secret>) -> Result<(), Failure> {
        check_new(to, passphrase.as_ref())?;
        let _turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.profiles.move_vault(to, passphrase.as_ref())?)).await
    }

    /// Whether such a move would move anything.
    pub(super) async fn would_move_vault(&self, to: VaultMode, passphrase: Option<Secret>) -> Result<bool, Failure> {
        check_new(to, passphrase.as_ref())?;
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.profiles.vault().would_move(to, passphrase.as_ref())?)).await
    }

    /// Opens the vault. Whoever gives wrong passphrases waits, longer each time.
    pub(super) async fn unlock_vault(&self, passphrase: Option<Secret>) -> Result<(), Failure> {
        self.try_key(passphrase, Vault::unlock).await?;
        self.mend_what_was_closed().await
    }

    /// Refuses what opening it would, after the same wait.
    pub(super) async fn would_unlock_vault(&self, passphrase: Option<Secret>) -> Result<(), Failure> {
        self.try_key(passphrase, Vault::would_unlock).await
    }

    async fn try_key(&self, passphrase: Option<Secret>, how: fn(&Vault, Option<&Secret>) -> Result<(), VaultError>) -> Result<(), Failure> {
        let mut wrong = self.shared.wrong_passphrases.lock().await;
        let shared = Arc::clone(&self.shared);
        match blocking(move || Ok(how(shared.profiles.vault(), passphrase.as_ref()))).await? {
            Ok(()) => *wrong = 0,
            Err(error) => {
                if matches!(error, VaultError::WrongPassphrase) {
                    tokio::time::sleep(delay(*wrong)).await;
                    *wrong += 1;
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Forgets the vault's key, here and in every other process that has it, and what was read with it.
    pub(super) async fn lock_vault(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            shared.tokens.forget();
            Ok(shared.profiles.lock_vault()?)
        })
        .await
    }

    /// Refuses work whose result could not be kept.
    pub(super) async fn must_be_open(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.profiles.vault().look()?)).await
    }

    /// What a killed process has left in a vault that was not open at the start.
    async fn mend_what_was_closed(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let Shared { ports, home, codex, profiles, state, .. } = &*shared;
            let found = problems::mend(ports, home, codex, profiles, state)?;
            let mut told = held(&shared.told);
            told.retain(|failure| !failure.code.is_of_the_vault());
            told.extend(found);
            Ok(())
        })
        .await
    }
}

fn check_new(to: VaultMode, passphrase: Option<&Secret>) -> Result<(), Failure> {
    if to == VaultMode::Passphrase {
        passphrase::check(passphrase.unwrap_or(&Secret::new("")))?;
    }
    Ok(())
}

/// The vault as it is shown.
pub(super) fn view(shared: &Shared) -> VaultView {
    let vault = shared.profiles.vault();
    let look = vault.look();
    VaultView {
        mode: vault.mode().unwrap_or_default(),
        state: match &look {
            Ok(()) => VaultState::Open,
            Err(error) => error.state().unwrap_or(VaultState::Corrupt),
        },
        failure: look.err().map(Failure::from),
    }
}

fn delay(wrong_before: u32) -> Duration {
    FIRST_DELAY.saturating_mul(2_u32.saturating_pow(wrong_before)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_has_an_end() {
        assert_eq!([0, 1, 2, 3, 4, 5, 99].map(|wrong| delay(wrong).as_secs()), [1, 2, 4, 8, 16, 30, 30]);
    }
}
