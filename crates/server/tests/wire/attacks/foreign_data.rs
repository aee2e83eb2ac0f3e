//! Row A49: other programs write into our tables, and not what we would.

use crate::QUICK;
use crate::server::{TestServer, token, user_id};

#[test]
fn a49_rows_that_make_no_sense_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::start_in(folder.path().to_owned(), QUICK);
    for n in 1..=2 {
        let mut socket = server.original(&token(n));
        socket.next_of("connection.ack");
        socket.close(1000);
    }
    let bearer = format!("Bearer {}", token(9));
    let recent = || {
        let (status, _, body) = server.get("/api/users/recent/", &[("Authorization", &bearer)]);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Vec<serde_json::Value>>(&body).unwrap().len()
    };
    crate::server::eventually("both are recent", || recent() == 2);
    let url = format!("sqlite://{}", folder.path().join("people.sqlite3").display());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let now = "2999-01-01T00:00:00.000000Z";
        for (id, name, created_at, last_seen) in [
            ("not-a-uuid", "Eve", now, now),
            ("00000000-0000-0000-0000-0000000000aa", "Eve", "yesterday", now),
            ("00000000-0000-0000-0000-0000000000ab", "Eve", now, "2999-01-01T00:00"),
            ("'; DROP TABLE users; --", "\u{202e}\u{0}<script>", now, now),
        ] {
            sqlx::query(
                "INSERT INTO users (id, username, slug, created_at, is_online, last_seen, last_activity) \
                 VALUES (?, ?, 'eve', ?, 0, ?, ?)",
            )
            .bind(id)
            .bind(name)
            .bind(created_at)
            .bind(last_seen)
            .bind(last_seen)
            .execute(&pool)
            .await
            .unwrap();
        }
        pool.close().await;
    });
    assert_eq!(recent(), 2, "the others are still seen");
    let mut ada = server.original(&token(1));
    assert_eq!(ada.next_of("connection.ack")["user_id"], user_id(1));
}
