-- The tables of a history in their second version: two runs, the second withdrawn, and the first with two regions.
PRAGMA application_id=1685219686;
BEGIN TRANSACTION;
CREATE TABLE canary_decision (
        decision_key VARCHAR(64) PRIMARY KEY,
        at_utc TIMESTAMP NOT NULL,
        kind TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        reason TEXT NOT NULL,
        run_key VARCHAR(64),
        document TEXT NOT NULL
    );
INSERT INTO "canary_decision" VALUES('a112344a57741cd0494681cb2a9fef1eea538ff7492eb242bc593a45809a1761','2026-01-13 12:00:00.000000','withdraw','Ada','Wrong file','7d9817c94784a01286f6742f7c12c5b01e20c5bb566b81e17ba23891e0cbfc8f','{"about": [], "at": "2026-01-13T12:00:00+00:00", "by": "Ada", "kind": "withdraw", "reason": "Wrong file", "reasons": [], "run_key": "7d9817c94784a01286f6742f7c12c5b01e20c5bb566b81e17ba23891e0cbfc8f"}');
CREATE TABLE canary_region (
        run_key VARCHAR(64) NOT NULL REFERENCES canary_run (run_key),
        place INTEGER NOT NULL,
        partition TEXT NOT NULL,
        name TEXT NOT NULL,
        n_pairs INTEGER NOT NULL,
        share DOUBLE PRECISION NOT NULL,
        agreement DOUBLE PRECISION,
        agreement_low DOUBLE PRECISION,
        agreement_high DOUBLE PRECISION,
        agreement_heldout DOUBLE PRECISION,
        is_new BOOLEAN NOT NULL,
        drifted BOOLEAN NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (run_key, place)
    );
INSERT INTO "canary_region" VALUES('cfd2db84c076b1d8c4ca441599105039df61228c356b86f5f41014bad8167fb1',0,'cluster','returns',40,0.2,0.88,0.85,0.9,0.9,0,0,'{"partition": "cluster", "name": "returns", "n_pairs": 40, "share": 0.2, "agreement": {"estimate": 0.88, "low": 0.85, "high": 0.9, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 40, "n_queries": 20}, "agreement_heldout": 0.9, "is_new": false, "drifted": false}');
INSERT INTO "canary_region" VALUES('cfd2db84c076b1d8c4ca441599105039df61228c356b86f5f41014bad8167fb1',1,'cluster','sizes',40,0.2,NULL,NULL,NULL,0.9,0,1,'{"partition": "cluster", "name": "sizes", "n_pairs": 40, "share": 0.2, "agreement": {"reason": "2 pairs", "n_pairs": 0, "n_queries": 0}, "agreement_heldout": 0.9, "is_new": false, "drifted": true}');
INSERT INTO "canary_region" VALUES('7d9817c94784a01286f6742f7c12c5b01e20c5bb566b81e17ba23891e0cbfc8f',0,'cluster','returns',40,0.2,0.88,0.85,0.9,0.9,0,0,'{"partition": "cluster", "name": "returns", "n_pairs": 40, "share": 0.2, "agreement": {"estimate": 0.88, "low": 0.85, "high": 0.9, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 40, "n_queries": 20}, "agreement_heldout": 0.9, "is_new": false, "drifted": false}');
INSERT INTO "canary_region" VALUES('7d9817c94784a01286f6742f7c12c5b01e20c5bb566b81e17ba23891e0cbfc8f',1,'cluster','sizes',40,0.2,NULL,NULL,NULL,0.9,0,1,'{"partition": "cluster", "name": "sizes", "n_pairs": 40, "share": 0.2, "agreement": {"reason": "2 pairs", "n_pairs": 0, "n_queries": 0}, "agreement_heldout": 0.9, "is_new": false, "drifted": true}');
CREATE TABLE canary_run (
        run_key VARCHAR(64) PRIMARY KEY,
        at_utc TIMESTAMP NOT NULL,
        recorded_at_utc TIMESTAMP NOT NULL,
        student_version TEXT,
        teacher_model TEXT,
        teacher_revision TEXT NOT NULL,
        n_pairs INTEGER NOT NULL,
        n_queries INTEGER NOT NULL,
        agreement DOUBLE PRECISION,
        agreement_low DOUBLE PRECISION,
        agreement_high DOUBLE PRECISION,
        overlap DOUBLE PRECISION,
        overlap_low DOUBLE PRECISION,
        overlap_high DOUBLE PRECISION,
        k INTEGER NOT NULL,
        cause TEXT,
        heldout_digest TEXT,
        production_digest TEXT,
        origin TEXT NOT NULL,
        document TEXT NOT NULL
    );
INSERT INTO "canary_run" VALUES('cfd2db84c076b1d8c4ca441599105039df61228c356b86f5f41014bad8167fb1','2026-01-05 09:00:00.000000','2026-01-05 10:00:00.000000','s1','judge-large','r1',200,100,0.91,0.88,0.93,0.8,0.77,8.20000000000000062172e-01,10,'healthy','held','sample 0','run','{"at": "2026-01-05T09:00:00+00:00", "recorded_at": "2026-01-05T10:00:00+00:00", "teacher_revision": "r1", "n_pairs": 200, "n_queries": 100, "agreement": {"estimate": 0.91, "low": 0.88, "high": 0.93, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 200, "n_queries": 100}, "overlap": {"estimate": 0.8, "low": 0.77, "high": 0.8200000000000001, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 200, "n_queries": 100}, "k": 10, "heldout": {"digest": "held", "agreement": {"estimate": 0.95, "low": 0.9199999999999999, "high": 0.97, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 500, "n_queries": 250}, "z_error": 0.046, "error": null}, "student_version": "s1", "teacher_model": "judge-large", "overlap_normal_low": 0.7, "overlap_normal_high": 1.0, "n_wide_tie": 40, "null_error": 0.07, "error": null, "new_traffic": {"names": ["gift cards"], "n_pairs": 20, "n_queries": 10, "share": 0.1, "p_value": 0.004, "error": null, "n_tested": 1}, "regions": [], "cause": "healthy", "summary": "Nothing moved.", "findings": ["few_queries", "mix_moved"], "bridge": {"loss": {"estimate": 0.02, "low": -0.009999999999999998, "high": 0.04, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 200, "n_queries": 100}, "z_shift": 0.1, "z_error": 0.03, "error_shift": null, "error_variance": null, "pinned_revision": null}, "production_digest": "sample 0", "rule": {"k": 10, "alpha": 0.05}, "seed": 7, "encoder": "hashing", "version": "0.1.0", "origin": "run"}');
INSERT INTO "canary_run" VALUES('7d9817c94784a01286f6742f7c12c5b01e20c5bb566b81e17ba23891e0cbfc8f','2026-01-12 09:00:00.000000','2026-01-12 10:00:00.000000','s1','judge-large','r1',200,100,0.91,0.88,0.93,0.8,0.77,8.20000000000000062172e-01,10,'healthy','held','sample 1','run','{"at": "2026-01-12T09:00:00+00:00", "recorded_at": "2026-01-12T10:00:00+00:00", "teacher_revision": "r1", "n_pairs": 200, "n_queries": 100, "agreement": {"estimate": 0.91, "low": 0.88, "high": 0.93, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 200, "n_queries": 100}, "overlap": {"estimate": 0.8, "low": 0.77, "high": 0.8200000000000001, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 200, "n_queries": 100}, "k": 10, "heldout": {"digest": "held", "agreement": {"estimate": 0.95, "low": 0.9199999999999999, "high": 0.97, "confidence": 0.95, "standard_error": 0.0125, "n_pairs": 500, "n_queries": 250}, "z_error": 0.046, "error": null}, "student_version": "s1", "teacher_model": "judge-large", "overlap_normal_low": null, "overlap_normal_high": null, "n_wide_tie": null, "null_error": null, "error": null, "new_traffic": null, "regions": [], "cause": "healthy", "summary": "Nothing moved.", "findings": [], "bridge": null, "production_digest": "sample 1", "rule": {"k": 10, "alpha": 0.05}, "seed": 0, "encoder": null, "version": "0.1.0", "origin": "run"}');
CREATE TABLE canary_schema (
        version INTEGER PRIMARY KEY,
        reached_at_utc TIMESTAMP NOT NULL,
        written_by TEXT NOT NULL
    );
INSERT INTO "canary_schema" VALUES(1,'2026-11-22 18:50:19.954662','0.1.0');
INSERT INTO "canary_schema" VALUES(2,'2026-11-22 18:50:19.968276','0.1.0');
CREATE INDEX canary_run_at ON canary_run (at_utc);
COMMIT;
