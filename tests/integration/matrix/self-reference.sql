ALTER TABLE shifts DROP CONSTRAINT shifts_staff_id_fkey;
ALTER TABLE staff DROP CONSTRAINT staff_boss_id_fkey;
ALTER TABLE staff DROP CONSTRAINT staff_pkey;
ALTER TABLE staff RENAME id TO number;
ALTER TABLE staff ADD UNIQUE (number),
	ADD uid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	ADD boss_uid uuid REFERENCES staff (uid);
UPDATE staff SET boss_uid = b.uid FROM staff b WHERE b.number = staff.boss_id;
ALTER TABLE staff DROP boss_id;
ALTER TABLE shifts ADD staff_uid uuid REFERENCES staff (uid);
UPDATE shifts SET staff_uid = s.uid FROM staff s WHERE s.number = staff_id;
ALTER TABLE shifts DROP staff_id, ALTER staff_uid SET NOT NULL;
